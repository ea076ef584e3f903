import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/** The size of a part. S3 allows 10,000 parts, so objects of up to 160 GB. */
const PART_BYTES = 16 * 1024 * 1024;
/** Parts that are sent at the same time. Each has a buffer, and one more is being filled. */
const PARTS_AT_ONCE = 3;

interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/**
 * Uploads an object: in parts of equal size, or in one request if it fits into one part. It appears when all bytes are
 * stored; after an error it does not, unless the answer to the last request was lost. The buffers of parts are reused:
 * with `Upload` of @aws-sdk/lib-storage, copies and garbage collection took as long as the rest
 * (docs/decisions/0034).
 * @param bytes blocks, each of which is valid until the next is requested
 * @param signal cancels parts that are being sent, but not the last request, which may already have been executed
 */
export async function uploadObject(
  client: S3Client,
  object: ObjectName,
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const free: Buffer[] = [];
  const failure = new AbortController();
  const abortSignal = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const sending = new Set<Promise<void>>();
  const sent: SentPart[] = [];
  let UploadId: string | undefined;
  try {
    let PartNumber = 0;
    for await (const { buffer, size, isLast } of partsOf(bytes, free)) {
      const Body = buffer.subarray(0, size);
      if (isLast && UploadId === undefined) {
        await client.send(new PutObjectCommand({ ...object, Body }));
        return;
      }
      if (isLast && size === 0) break;
      UploadId ??= (await client.send(new CreateMultipartUploadCommand(object), { abortSignal })).UploadId;
      const command = new UploadPartCommand({ ...object, UploadId, PartNumber: ++PartNumber, Body });
      const number = PartNumber;
      const part = client.send(command, { abortSignal }).then(({ ETag }) => {
        sent.push({ PartNumber: number, ETag });
        free.push(buffer);
        sending.delete(part);
      });
      // Observed below; a rejection before that must not end the process.
      part.catch(() => {});
      sending.add(part);
      if (sending.size === PARTS_AT_ONCE) await Promise.race(sending);
    }
    await Promise.all(sending);
    const Parts = sent.sort((a, b) => a.PartNumber - b.PartNumber);
    await client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
  } catch (error) {
    failure.abort();
    await Promise.allSettled(sending);
    // If this fails too, a later removeIncomplete removes the parts.
    if (UploadId !== undefined)
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => {});
    throw error;
  }
}

/** Copies bytes into buffers of PART_BYTES, of which all but the last are full. @param free buffers to reuse */
async function* partsOf(bytes: AsyncIterable<Uint8Array>, free: Buffer[]) {
  const next = () => free.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
  let buffer = next();
  let size = 0;
  for await (const block of bytes) {
    for (let at = 0; at < block.length; ) {
      if (size === PART_BYTES) {
        yield { buffer, size, isLast: false };
        buffer = next();
        size = 0;
      }
      const end = Math.min(block.length, at + PART_BYTES - size);
      buffer.set(block.subarray(at, end), size);
      size += end - at;
      at = end;
    }
  }
  yield { buffer, size, isLast: true };
}

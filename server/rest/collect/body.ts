import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { AppError } from "@/server/lib/errors";
import { readBody } from "../intake";

/** Larger than the requests of any known collector: Logstash sends 20 MB, others up to 10 MB. */
const MAX_COLLECTED_BYTES = 32 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;

const DECOMPRESSORS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: BLOCK_BYTES }),
  "x-gzip": () => createGunzip({ chunkSize: BLOCK_BYTES }),
  deflate: () => createInflate({ chunkSize: BLOCK_BYTES }),
};

/**
 * Reads the whole body of a collector's request and decompresses it, so that an interrupted request stores nothing.
 * @param own encodings that the caller decodes
 * @throws AppError UNSUPPORTED_MEDIA_TYPE for another Content-Encoding, TOO_LARGE without reading beyond the limit,
 * BAD_REQUEST when the upload is interrupted or damaged
 */
export async function readCollected(request: Request, own: readonly string[] = []): Promise<Uint8Array[]> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const chunks = readBody(request);
  if (["identity", "", ...own].includes(encoding)) return await gather(chunks);
  const decompressor = DECOMPRESSORS[encoding];
  if (!decompressor) throw new AppError("collect.content_encoding", { offered: "gzip, deflate" });
  const unpacked = decompressor();
  // Errors of either stream destroy it, and the loop throws them.
  pipeline(Readable.from(chunks, { highWaterMark: 1 }), unpacked, () => {});
  try {
    return await gather(unpacked);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("collect.damaged", { encoding }, { cause: error });
  }
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > MAX_COLLECTED_BYTES) throw new AppError("collect.too_large", { max: MAX_COLLECTED_BYTES / 1024 / 1024 });
    parts.push(chunk);
  }
  return parts;
}

import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { AppError } from "@/server/lib/errors";
import { untilAborted } from "@/server/lib/until-aborted";
import { withTimeout } from "@/server/lib/within";
import type { ByteRange, DownloadOptions, FileStore, StoredFile, StoreTarget, WrittenFile } from "./file-store";
import type { S3Location } from "./files-url";
import { hashed } from "./hashed";
import { isKey, requireKey } from "./key";
import { explainS3Error, isMissing } from "./s3-errors";
import { S3_LIMITS, type S3Limits } from "./s3-limits";
import { uploadObject } from "./upload-object";

const URL_SECONDS = 300;

export class S3Store implements FileStore {
  readonly location: string;
  readonly target: StoreTarget;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(
    at: S3Location,
    readonly id: string,
    private readonly limits: S3Limits = S3_LIMITS,
  ) {
    this.#client = makeS3Client(at, limits);
    this.#bucket = at.bucket;
    this.#prefix = at.prefix === "" ? "" : `${at.prefix}/`;
    this.location = locationOf(at);
    this.target = { kind: "s3", at, limits };
  }

  async write(key: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<WrittenFile> {
    let failure: { readonly error: unknown } | undefined;
    const source = hashed(
      watched(bytes, signal, (error) => {
        failure = { error };
      }),
    );
    const refused = await uploadObject(this.#client, this.#at(key), source.bytes, signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failure) throw failure.error;
    // A repeated request to complete an upload fails if the answer to the first was lost.
    if (refused && !isMissing(refused.error)) {
      signal?.throwIfAborted();
      throw explainS3Error(refused.error);
    }
    const written = source.result();
    const stored = await this.stat(key);
    if (stored?.sizeBytes === written.sizeBytes) return written;
    throw explainS3Error(refused?.error ?? new Error("The stored file is incomplete."));
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const { Body } = await translated(() => this.#client.send(new GetObjectCommand({ ...this.#at(key), Range })));
    if (!(Body instanceof Readable)) throw new TypeError("The S3 client returned no stream.");
    return Readable.from(translatedBlocks(Body, this.limits.idleMs), { objectMode: false }).once("close", () =>
      Body.destroy(),
    );
  }

  async stat(key: string): Promise<StoredFile | null> {
    return await translated(async () => {
      try {
        const { ContentLength, LastModified } = await this.#client.send(new HeadObjectCommand(this.#at(key)));
        return { key, sizeBytes: ContentLength ?? 0, modifiedAt: LastModified ?? new Date(0) };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredFile, void> {
    try {
      const pages = paginateListObjectsV2(
        { client: this.#client },
        { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
      );
      for await (const { Contents = [] } of pages) {
        for (const { Key, Size, LastModified } of Contents) {
          const key = Key?.slice(this.#prefix.length) ?? "";
          // Tools for S3 represent folders by objects that end with a slash.
          if (isKey(key)) yield { key, sizeBytes: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
        }
      }
    } catch (error) {
      throw explainS3Error(error);
    }
  }

  async remove(key: string): Promise<void> {
    await translated(async () => {
      try {
        await this.#client.send(new DeleteObjectCommand(this.#at(key)));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  async removeIncomplete(prefix: string, isInUse: (key: string) => Promise<boolean>): Promise<void> {
    for await (const { key, uploadId } of this.#uploads(this.#prefix + prefix)) {
      // A prefix of S3 includes its subfolders.
      if (key.slice(prefix.length).includes("/") || (await isInUse(key))) continue;
      await translated(async () => {
        try {
          await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId }));
        } catch (error) {
          // It was completed or aborted in the meantime.
          if (!isMissing(error)) throw error;
        }
      });
    }
  }

  async check(): Promise<void> {
    // The answer is the same when the bucket is missing.
    if ((await this.stat(ID_KEY)) === null) throw new AppError("files.no_identity", { file: ID_KEY });
  }

  async freeBytes(): Promise<null> {
    return null;
  }

  async downloadUrl(key: string, { disposition, contentType }: DownloadOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      ResponseContentDisposition: disposition,
      ResponseContentType: contentType,
    });
    return await translated(() => getSignedUrl(this.#client, command, { expiresIn: URL_SECONDS }));
  }

  #at(key: string) {
    return { Bucket: this.#bucket, Key: this.#prefix + requireKey(key) };
  }

  async *#uploads(prefix: string): AsyncGenerator<{ readonly key: string; readonly uploadId: string }, void> {
    let next: Pick<ListMultipartUploadsCommandInput, "KeyMarker" | "UploadIdMarker"> | undefined = {};
    while (next) {
      const command = new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix, ...next });
      const page: ListMultipartUploadsCommandOutput = await translated(() => this.#client.send(command));
      for (const { Key, UploadId } of page.Uploads ?? []) {
        const key = Key?.slice(this.#prefix.length) ?? "";
        if (isKey(key) && UploadId !== undefined) yield { key, uploadId: UploadId };
      }
      next =
        page.IsTruncated && page.NextKeyMarker
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
          : undefined;
    }
  }
}

/** Returns the location for messages. */
export function locationOf({ bucket, prefix, endpoint }: S3Location): string {
  const host = endpoint === undefined ? "" : ` (${new URL(endpoint).host})`;
  return `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}${host}`;
}

/** Credentials are read from the standard AWS variables and files. */
function makeS3Client({ endpoint, region, pathStyle }: S3Location, limits = S3_LIMITS): S3Client {
  // The client warns in each process that releases after January 2027 need Node.js 22.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const client = new S3Client({
    ...(region !== undefined && { region }),
    forcePathStyle: pathStyle,
    ...(endpoint !== undefined && { endpoint }),
    // Several S3-compatible services reject checksums other than MD5. The record of each file has a SHA-256.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: limits.attempts,
    requestHandler: {
      connectionTimeout: limits.connectMs,
      socketTimeout: limits.idleMs,
      requestTimeout: limits.requestMs,
      throwOnRequestTimeout: true,
    },
  });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        // The bytes of a file are hashed once, for its record, and not again for the signature of each part.
        if (commandName === "UploadPartCommand" && hasHeaders(args.request))
          args.request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return await next(args);
      },
    { name: "unsignedParts", step: "build" },
  );
  return client;
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === "object" && request !== null && "headers" in request;
}

/** Passes bytes through until the signal aborts, and reports the error of the source unchanged. */
async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const block of untilAborted(bytes, signal)) {
      yield block;
    }
    signal?.throwIfAborted();
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

const noAnswer = () => new Error("no bytes in time");

/** Reads a response, and fails if the server sends nothing for a while. */
async function* translatedBlocks(body: Readable, idleMs: number): AsyncGenerator<Buffer, void> {
  const blocks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await withTimeout(blocks.next(), idleMs, noAnswer);
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw explainS3Error(error);
  } finally {
    body.destroy();
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainS3Error(error);
  }
}

/** The key of the object that contains the identity of the store. */
export const ID_KEY = "store-id";
const ID = /^[0-9a-f-]{36}$/;

/** Returns the identity of the object store, if it has one. @throws AppError files.* */
export async function readStoreId(at: S3Location): Promise<string | undefined> {
  const store = new S3Store(at, "");
  if ((await store.stat(ID_KEY)) === null) return undefined;
  const blocks: Buffer[] = await (await store.open(ID_KEY)).toArray();
  const id = Buffer.concat(blocks).toString().trim();
  if (!ID.test(id)) throw new AppError("files.no_identity", { file: ID_KEY });
  return id;
}

/** Creates the identity of the object store. Calls must be serialized, because some services lack conditional writes. */
export async function writeStoreId(at: S3Location, id: string): Promise<void> {
  const Key = `${at.prefix === "" ? "" : `${at.prefix}/`}${ID_KEY}`;
  await translated(() => makeS3Client(at).send(new PutObjectCommand({ Bucket: at.bucket, Key, Body: id })));
}

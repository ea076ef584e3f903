import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "@/server/errors";

const BLOCK_BYTES = 256 * 1024;

/**
 * The bytes as they are, or unpacked where they start with gzip's magic number; several members one after
 * another are one text.
 * @param required whether bytes that are not gzip are an error
 * @throws AppError BAD_REQUEST where the archive is cut off or damaged, after all that could be unpacked
 */
export async function* gunzipIfNeeded(
  chunks: AsyncIterable<Uint8Array>,
  required = false,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const { head, isGzip } = await peekMagic(iterator);
    const all = resume(head, iterator);
    if (isGzip) yield* unpack(all);
    else if (required && head.length > 0)
      throw new AppError("BAD_REQUEST", "The body is not gzip, as its Content-Encoding says.");
    else yield* all;
  } finally {
    await iterator.return?.();
  }
}

async function peekMagic(iterator: AsyncIterator<Uint8Array>) {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await iterator.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, isGzip: head[0] === 0x1f && head[1] === 0x8b };
}

async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

async function* unpack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
  // What goes wrong in either destroys gunzip with the error, and the loop below throws it.
  pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), gunzip, () => {});
  try {
    for await (const block of gunzip) yield block;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const fault = error.code === "Z_BUF_ERROR" ? "is cut off" : "is damaged";
    throw new AppError("BAD_REQUEST", `The gzip archive ${fault}.`, { cause: error });
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

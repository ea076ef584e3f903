import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "@/server/lib/errors";

const BLOCK_BYTES = 256 * 1024;

/** Unpacks gzip. @throws AppError BAD_REQUEST for a truncated or corrupted archive */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: BLOCK_BYTES });
  // Errors of either stream destroy it, and the loop below throws them.
  pipeline(Readable.from(chunks, { highWaterMark: 1 }), unpacked, () => {});
  try {
    yield* unpacked;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const code = error.code === "Z_BUF_ERROR" ? "intake.packed_cut_off" : "intake.packed_damaged";
    throw new AppError(code, { format: "gzip", position: unpacked.bytesWritten }, { cause: error });
  }
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

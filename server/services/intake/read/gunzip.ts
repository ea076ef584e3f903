import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "@/server/lib/errors";
import { peek } from "./peek";

const BLOCK_BYTES = 256 * 1024;
/** Logs compress to between a tenth and a fiftieth; deflate can reach a thousandth for trivial data. */
const MAX_RATIO = 250;
/** The ratio is only checked above this size, since it is not significant for small data. */
const RATIO_FROM_BYTES = 32 * 1024 * 1024;

/**
 * Unpacks bytes that start with gzip's magic number, and passes others unchanged; consecutive members form one text.
 * @param required whether bytes that are not gzip are an error
 * @throws AppError while reading: TOO_LARGE for a decompression bomb; BAD_REQUEST, also for a truncated or corrupted
 * archive, after all data that could be unpacked
 */
export async function gunzipIfNeeded(
  chunks: AsyncIterable<Uint8Array>,
  required: boolean,
): Promise<AsyncGenerator<Uint8Array>> {
  const { head, all } = await peek(chunks, 2);
  if (head[0] === 0x1f && head[1] === 0x8b) return unpack(all);
  if (required && head.length > 0) {
    await all.return(undefined);
    throw new AppError("intake.not_gzip", {});
  }
  return all;
}

async function* unpack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  const counted = async function* () {
    for await (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const gunzip = createGunzip({ chunkSize: BLOCK_BYTES });
  // Errors of either stream destroy gunzip, and the loop below throws them.
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), gunzip, () => {});
  try {
    for await (const block of gunzip) {
      unpacked += block.length;
      if (unpacked > RATIO_FROM_BYTES && unpacked > packed * MAX_RATIO) throw bomb();
      yield block;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const code = error.code === "Z_BUF_ERROR" ? "intake.gzip_cut_off" : "intake.gzip_damaged";
    throw new AppError(code, {}, { cause: error });
  }
}

function bomb(): AppError {
  return new AppError("intake.gzip_ratio", { ratio: MAX_RATIO });
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

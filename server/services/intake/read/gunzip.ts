import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { intakeProblemText } from "@/server/catalog/intake-problem";
import { AppError } from "@/server/lib/errors";
import { peek } from "./peek";

const BLOCK_BYTES = 256 * 1024;
/** Logs shrink to a tenth or a fiftieth; deflate can reach a thousandth, with nothing in it. */
const MAX_RATIO = 250;
/** So much may come of whatever: a ratio says nothing of little. */
const RATIO_FROM_BYTES = 32 * 1024 * 1024;

/**
 * The bytes as they are, or unpacked where they start with gzip's magic number; several members one after
 * another are one text.
 * @param required whether bytes that are not gzip are an error
 * @throws AppError TOO_LARGE while reading, for a bomb; BAD_REQUEST; while reading too, where the archive is cut off or damaged, after all that
 * could be unpacked
 */
export async function gunzipIfNeeded(
  chunks: AsyncIterable<Uint8Array>,
  required: boolean,
): Promise<AsyncGenerator<Uint8Array>> {
  const { head, all } = await peek(chunks, 2);
  if (head[0] === 0x1f && head[1] === 0x8b) return unpack(all);
  if (required && head.length > 0) {
    await all.return(undefined);
    throw new AppError("BAD_REQUEST", intakeProblemText("not_gzip"));
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
  // What goes wrong in either destroys gunzip with the error, and the loop below throws it.
  pipeline(Readable.from(counted(), { highWaterMark: 1 }), gunzip, () => {});
  try {
    for await (const block of gunzip) {
      unpacked += block.length;
      if (unpacked > RATIO_FROM_BYTES && unpacked > packed * MAX_RATIO) throw bomb();
      yield block;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const fault = error.code === "Z_BUF_ERROR" ? "gzip_cut_off" : "gzip_damaged";
    throw new AppError("BAD_REQUEST", intakeProblemText(fault), { cause: error });
  }
}

function bomb(): AppError {
  return new AppError("TOO_LARGE", intakeProblemText("gzip_ratio", { ratio: MAX_RATIO }));
}

function isZlibError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");
}

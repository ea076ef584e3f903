import { AppError } from "@/server/lib/errors";
import { peek } from "../read/peek";
import { compressionOf, MAGIC_BYTES } from "./compressions";
import { gunzip } from "./gunzip";
import { unpackInThread } from "./unpack-in-thread";

/** Logs compress to between a tenth and a fiftieth; deflate can reach a thousandth for trivial data. */
const MAX_RATIO = 250;
/** The ratio is only checked above this size, since it is not significant for small data. */
const RATIO_FROM_BYTES = 32 * 1024 * 1024;

export interface Unpacked {
  readonly isPacked: boolean;
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/**
 * Unpacks bytes that start with the magic number of gzip, zstd or xz, and passes text unchanged; consecutive members,
 * frames or streams form one text.
 * @param mustBeGzip whether other bytes are an error
 * @throws AppError BAD_REQUEST or UNSUPPORTED_MEDIA_TYPE. While reading: TOO_LARGE for a decompression bomb;
 * BAD_REQUEST for a truncated or corrupted archive, after all data that could be unpacked
 */
export async function unpackIfNeeded(chunks: AsyncIterable<Uint8Array>, mustBeGzip: boolean): Promise<Unpacked> {
  const { head, all } = await peek(chunks, MAGIC_BYTES);
  const { format, unsupported } = compressionOf(head);
  const refusal =
    mustBeGzip && head.length > 0 && format !== "gzip"
      ? new AppError("intake.not_gzip", {})
      : unsupported !== undefined && new AppError("intake.packed_unsupported", { format: unsupported });
  if (refusal) {
    await all.return(undefined);
    throw refusal;
  }
  if (format === undefined) return { isPacked: false, chunks: all };
  let packed = 0;
  const counted = async function* () {
    for await (const chunk of all) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const unpacked = format === "gzip" ? gunzip(counted()) : unpackInThread(format, counted());
  return { isPacked: true, chunks: limitRatio(unpacked, format, () => packed) };
}

async function* limitRatio(
  unpacked: AsyncIterable<Uint8Array>,
  format: string,
  packed: () => number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const block of unpacked) {
    bytes += block.length;
    if (bytes > RATIO_FROM_BYTES && bytes > packed() * MAX_RATIO)
      throw new AppError("intake.packed_ratio", { format, ratio: MAX_RATIO });
    yield block;
  }
}

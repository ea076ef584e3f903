import { AppError } from "@/server/lib/errors";
import { unpackIfNeeded } from "./unpack";

/** Unpacked bytes that are enough for a preview. */
const MAX_BYTES = 256 * 1024;

export interface Sample {
  readonly sample: Uint8Array;
  /** Whether the sample is the whole file. */
  readonly isWhole: boolean;
}

/**
 * Unpacks the beginning of a file as far as possible. Bytes that cannot be unpacked are returned unchanged; the import
 * itself reports why.
 */
export async function unpackSample({ sample, isWhole }: Sample): Promise<Sample> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    const { isPacked, chunks } = await unpackIfNeeded(only(sample), false);
    if (!isPacked) return { sample, isWhole };
    for await (const part of chunks) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_BYTES) return { sample: Buffer.concat(parts).subarray(0, MAX_BYTES), isWhole: false };
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return parts.length === 0 ? { sample, isWhole } : { sample: Buffer.concat(parts), isWhole: false };
  }
  return { sample: Buffer.concat(parts), isWhole };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

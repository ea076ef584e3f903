import { ZSTDDecoder } from "zstddec/stream";

const PIECE_BYTES = 64 * 1024;

/** Unpacks zstd: all frames, one after another. @throws Error for a truncated or corrupted archive */
export async function* unzstd(read: () => Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  let idle = 0;
  const pieces = function* () {
    for (let chunk = read(); chunk; chunk = read()) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        idle = 0;
        yield chunk.subarray(at, at + PIECE_BYTES);
      }
    }
  };
  for (const block of decoder.decodeStreaming(pieces())) {
    if (block.length > 0) {
      idle = 0;
      yield block;
      // The decoder repeats a call that fails. One that succeeds without output has read at least a byte.
    } else if (++idle > PIECE_BYTES) throw new Error("the decoder makes no progress");
  }
}

import { makeTimeSlice } from "@/server/lib/time-slice";

/** Bytes between two checks of the clock. */
const STEP = 256 * 1024;
/** A copy of 64 bytes takes three: a text cannot become longer than this many times its size. */
const MAX_RATIO = 22;

/**
 * Decompresses snappy's block format, https://github.com/google/snappy/blob/main/format_description.txt, and yields to
 * the event loop. Memory is allocated for the declared length only if the input can have it.
 * @returns undefined if the input is damaged or truncated, or `too_long` beyond `maxBytes`
 */
export async function unsnap(input: Uint8Array, maxBytes: number): Promise<Uint8Array | "too_long" | undefined> {
  const head = readLength(input);
  if (!head) return undefined;
  if (head.length > maxBytes) return "too_long";
  if (head.length > input.length * MAX_RATIO) return undefined;
  const output = Buffer.alloc(head.length);
  const slice = makeTimeSlice();
  let at = head.end;
  let written = 0;
  let step = STEP;
  while (at < input.length) {
    if (written >= step) {
      step = written + STEP;
      const pause = slice();
      if (pause) await pause;
    }
    const tag = input[at++] ?? 0;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = extra === 0 ? (tag >> 2) + 1 : readNumber(input, at, extra) + 1;
      at += extra;
      if (at + length > input.length || written + length > output.length) return undefined;
      output.set(input.subarray(at, at + length), written);
      at += length;
      written += length;
      continue;
    }
    const bytes = kind === 3 ? 4 : kind;
    if (at + bytes > input.length) return undefined;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = kind === 1 ? ((tag >> 5) << 8) | (input[at] ?? 0) : readNumber(input, at, bytes);
    at += bytes;
    if (offset === 0 || offset > written || written + length > output.length) return undefined;
    // The copy may overlap what it writes, and then repeats it.
    if (offset >= length) output.copyWithin(written, written - offset, written - offset + length);
    else for (let index = 0; index < length; index++) output[written + index] = output[written + index - offset] ?? 0;
    written += length;
  }
  return written === output.length ? output : undefined;
}

/** The declared length: a varint of 32 bits. */
function readLength(input: Uint8Array): { length: number; end: number } | undefined {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = input[index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length < 2 ** 32 ? { length, end: index + 1 } : undefined;
  }
  return undefined;
}

function readNumber(input: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index++) value += (input[at + index] ?? 0) * 2 ** (8 * index);
  return value;
}

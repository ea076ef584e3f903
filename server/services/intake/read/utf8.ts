import { isUtf8 } from "node:buffer";

/** The end of the last complete character in the first `length` bytes. */
export function wholeCharacters(bytes: Uint8Array, length: number): number {
  let end = Math.min(length, bytes.length);
  for (let steps = 0; steps < 4 && end > 0 && end < bytes.length && isContinuation(bytes[end]); steps++) end--;
  return end;
}

/** Whether the bytes are UTF-8, except for a truncated character at their end. */
export function isUtf8Beginning(bytes: Uint8Array): boolean {
  if (isUtf8(bytes)) return true;
  for (let cut = 1; cut <= 3 && cut <= bytes.length; cut++) {
    const at = bytes.length - cut;
    const byte = bytes[at] ?? 0;
    if (byte >= 0xc2) return byte <= 0xf4 && expectedLength(byte) > cut && isUtf8(bytes.subarray(0, at));
    if (!isContinuation(byte)) return false;
  }
  return false;
}

/** Decodes mostly valid UTF-8, with each invalid byte as `\xNN`. */
export function decodeWithEscapes(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  const text = (end: number) => Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString("utf8");
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(text(at), `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`);
    at++;
    from = at;
  }
  parts.push(text(at));
  return parts.join("");
}

/** Length of the well-formed character at `at`; 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = expectedLength(first);
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let index = 2; index < length; index++) if (!isContinuation(bytes[at + index])) return 0;
  return length;
}

function expectedLength(first: number): number {
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Decodes UTF-8; invalid bytes become `\xNN`. */
export function decodeLenient(bytes: Uint8Array): string {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
    : decodeWithEscapes(bytes);
}

import { isUtf8 } from "node:buffer";
import { BEGINNING_BYTES, MAX_EVENT_BYTES } from "../events/event-limit";
import { decodeWithEscapes, wholeCharacters } from "./utf8";

/** A physical line without its line feed, but with a carriage return before it. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The line exceeds the limit: `text` is only its beginning. */
  readonly isCut: boolean;
  /** Some of its bytes are not UTF-8; `text` contains them as `\xNN`. */
  readonly hasStrayBytes?: boolean;
}

/** Bytes that are split and decoded before yielding to the event loop, for any chunk size. */
const PIECE_BYTES = 64 * 1024;
const LINE_FEED = 10;

/**
 * Splits UTF-8 bytes into lines, one block of complete lines at a time. The result does not depend on chunk boundaries.
 * NUL bytes before a line, left by a log rotation, and a byte order mark at the start are skipped; the last line may
 * lack a line feed.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_EVENT_BYTES,
): AsyncGenerator<Line[]> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let number = 0;
  let isSkipping = false;

  const lineOf = (bytes: Uint8Array, isCut: boolean): Line => {
    const isValid = isUtf8(bytes);
    const text = isValid ? toText(bytes) : decodeWithEscapes(bytes);
    return lineOfText(text, isCut, !isValid);
  };
  const lineOfText = (text: string, isCut: boolean, hasStrayBytes: boolean): Line => {
    const isFirst = number === 0;
    number++;
    const first = text.charCodeAt(0);
    const whole = first === 0 || (isFirst && first === 0xfeff) ? withoutBeginning(text, isFirst) : text;
    return hasStrayBytes ? { text: whole, number, isCut, hasStrayBytes } : { text: whole, number, isCut };
  };
  const beginning = (bytes: Uint8Array) =>
    lineOf(bytes.subarray(0, wholeCharacters(bytes, Math.min(BEGINNING_BYTES, maxLineBytes))), true);
  /** `block` contains complete lines, the last one without its line feed. */
  const split = (block: Uint8Array): Line[] => {
    if (block.length <= maxLineBytes && isUtf8(block)) {
      return toText(block)
        .split("\n")
        .map((text) => lineOfText(text, false, false));
    }
    const lines: Line[] = [];
    for (let start = 0; start <= block.length; ) {
      const found = block.indexOf(LINE_FEED, start);
      const end = found === -1 ? block.length : found;
      const line = withoutNuls(block.subarray(start, end));
      lines.push(line.length > maxLineBytes ? beginning(line) : lineOf(line, false));
      start = end + 1;
    }
    return lines;
  };

  for await (const piece of splitChunks(chunks)) {
    let rest = piece;
    if (isSkipping) {
      const end = rest.indexOf(LINE_FEED);
      if (end === -1) continue;
      isSkipping = false;
      rest = rest.subarray(end + 1);
    }
    const end = rest.lastIndexOf(LINE_FEED);
    if (end !== -1) {
      const lines = split(concatenate(pending, rest.subarray(0, end)));
      rest = rest.subarray(end + 1);
      pending = [];
      pendingBytes = 0;
      yield lines;
    }
    if (pendingBytes === 0) rest = withoutNuls(rest);
    if (rest.length === 0) continue;
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > maxLineBytes) {
      yield [beginning(concatenate(pending))];
      pending = [];
      pendingBytes = 0;
      isSkipping = true;
    }
  }
  if (pendingBytes > 0) yield split(concatenate(pending));
}

async function* splitChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (chunk.length <= PIECE_BYTES) yield chunk;
    else for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
  }
}

/** A rotated file may begin with as many NULs as it was long. */
function withoutNuls(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at === 0 ? bytes : bytes.subarray(at);
}

function withoutBeginning(text: string, isFirst: boolean): string {
  let at = 0;
  while (text.charCodeAt(at) === 0) at++;
  return text.slice(isFirst && text.charCodeAt(at) === 0xfeff ? at + 1 : at);
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function concatenate(pending: readonly Uint8Array[], last?: Uint8Array): Uint8Array {
  if (pending.length === 0 && last) return last;
  const [only] = pending;
  if (pending.length === 1 && only && !last) return only;
  return Buffer.concat(last ? [...pending, last] : pending);
}

/** The line as text formats read it: without the carriage return of CRLF. */
export function withoutCarriageReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

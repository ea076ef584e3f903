/** A physical line without its line feed; a carriage return before it is still there. */
export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The line is longer than the limit: `text` is its beginning alone. */
  readonly isCut: boolean;
}

/** A line longer than this is no event: it would be held in memory many times over. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
const KEPT_OF_LONG_LINE = 64 * 1024;
const LINE_FEED = 10;

/**
 * Cuts UTF-8 bytes into lines, a block of whole lines at a time. The result does not depend on how the bytes
 * are cut into chunks. Invalid bytes become U+FFFD, a byte order mark at the start is skipped, the last line
 * counts without a line feed too.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<Line[]> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let number = 0;
  let isSkipping = false;

  const decode = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    return number === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text;
  };
  const beginning = (bytes: Uint8Array): Line => {
    const text = decode(bytes.subarray(0, Math.min(KEPT_OF_LONG_LINE, maxLineBytes)));
    return { text, number: ++number, isCut: true };
  };
  /** `block` holds whole lines, the last without its line feed. */
  const split = (block: Uint8Array): Line[] => {
    if (block.length <= maxLineBytes) {
      const texts = decode(block).split("\n");
      return texts.map((text) => ({ text, number: ++number, isCut: false }));
    }
    const lines: Line[] = [];
    for (let start = 0; start <= block.length; ) {
      const found = block.indexOf(LINE_FEED, start);
      const end = found === -1 ? block.length : found;
      const line = block.subarray(start, end);
      if (line.length > maxLineBytes) lines.push(beginning(line));
      else lines.push({ text: decode(line), number: ++number, isCut: false });
      start = end + 1;
    }
    return lines;
  };

  for await (const chunk of chunks) {
    let rest = chunk;
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

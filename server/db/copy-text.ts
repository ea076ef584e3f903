const TAB = 9;
const LINE_FEED = 10;
const BACKSLASH = 92;
const NULL_LETTER = "N".charCodeAt(0);
/** By the code of a character below 128: the letter after the backslash of its escape; 0 if it needs none. */
const ESCAPES = new Uint8Array(128);
for (const [character, letter] of [
  ["\\", "\\"],
  ["\t", "t"],
  ["\n", "n"],
  ["\r", "r"],
] as const) {
  ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0);
}
const REPLACEMENT = 0xfffd;
/** The most that a UTF-16 unit of text takes in UTF-8. */
const MAX_UNIT_BYTES = 3;
/** Most rows of logs are shorter. */
const ROW_BYTES = 512;

/**
 * Encodes rows of PostgreSQL text values in COPY's text format; a lone surrogate becomes U+FFFD. Writes the bytes one
 * by one: regular expressions, joined strings and Node's encoder take 2.5 times as long (docs/decisions/0063).
 * @param tags an additional number at the end of each row
 */
export function copyText(rows: readonly (readonly (string | null)[])[], tags?: readonly (number | null)[]): Buffer {
  let bytes = Buffer.allocUnsafe(rows.length * ROW_BYTES);
  let end = 0;
  for (const [position, row] of rows.entries()) {
    const tag = tags?.[position];
    const tagText = tag === null || tag === undefined ? null : String(tag);
    const needed = end + maxBytes(row) + MAX_UNIT_BYTES * (tagText?.length ?? 1) + 1;
    if (needed > bytes.length) bytes = Buffer.concat([bytes.subarray(0, end)], Math.max(needed, 2 * bytes.length));
    for (const value of row) {
      end = writeValue(bytes, end, value);
      bytes[end++] = TAB;
    }
    if (tags) end = writeValue(bytes, end, tagText) + 1;
    bytes[end - 1] = LINE_FEED;
  }
  return bytes.subarray(0, end);
}

/** An upper limit, as NULL and a separator take three bytes. */
function maxBytes(row: readonly (string | null)[]): number {
  let units = 0;
  for (const value of row) units += value === null ? 1 : value.length + 1;
  return units * MAX_UNIT_BYTES;
}

/** @returns the end of the written bytes */
function writeValue(bytes: Buffer, start: number, value: string | null): number {
  let at = start;
  if (value === null) {
    bytes[at++] = BACKSLASH;
    bytes[at++] = NULL_LETTER;
    return at;
  }
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (unit < 0x80) {
      const letter = ESCAPES[unit] ?? 0;
      if (letter !== 0) bytes[at++] = BACKSLASH;
      bytes[at++] = letter === 0 ? unit : letter;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const point = unit < 0xd800 || unit > 0xdfff ? unit : pointAt(value, index);
      if (point > 0xffff) {
        index++;
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      } else bytes[at++] = 0xe0 | (point >> 12);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** The character of a surrogate pair, or the replacement of a lone surrogate. */
function pointAt(value: string, index: number): number {
  const point = value.codePointAt(index) ?? 0;
  return point > 0xffff ? point : REPLACEMENT;
}

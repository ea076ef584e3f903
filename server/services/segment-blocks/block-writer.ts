import type { BrowsedTable } from "@/server/catalog";
import { csvColumnCount } from "@/server/columnar";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import { eachGram } from "./grams";

/** Rows of a file that follow each other, and a Bloom filter of the grams in their text. */
export interface Block {
  readonly startsAt: Instant;
  /** Inclusive. */
  readonly endsAt: Instant;
  readonly rowCount: number;
  /** With one hash function, and a power of two of bits. */
  readonly filter: Uint8Array;
}

/** The unit that a search can skip: less than a row group, because the two do not begin together. */
export const BLOCK_ROWS = 4_096;
/** The bits of a filter before it is folded. */
export const MAX_BITS = 2 ** 22;
const MIN_BYTES = 64;
/** The share of bits that may be set. A word has several grams, so fewer false positives are not worth the space. */
const MAX_SHARE = 0.3;
/** Longer texts are rarely repeated. */
const MAX_REMEMBERED = 1_000;

const [COMMA, LF, QUOTE] = [44, 10, 34];

/** Divides the rows of a segment or archive into blocks while they are copied. */
export interface BlockWriter {
  /** Passes on the CSV of rows in order, in chunks of whole rows. */
  pass(rows: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Returns and forgets the complete blocks, once they have so many bytes. */
  take(minBytes: number): Block[];
  /** Returns the blocks of all rows that were passed on, except those that were taken. */
  finish(): Block[];
}

/** @param table whose CSV has the columns of csvColumns */
export function makeBlockWriter(table: BrowsedTable, blockRows = BLOCK_ROWS): BlockWriter {
  const isText = Array.from({ length: csvColumnCount(table) }, (_, index) => hasText(table, index));
  const timeColumn = table.columns.findIndex(({ name }) => name === "created_at");
  let blocks: Block[] = [];
  let blockBytes = 0;
  const bits = new Uint8Array(MAX_BITS / 8);
  /** The texts of the block, which repeat themselves. */
  const seen = isText.map(() => new Set<string>());
  let rowCount = 0;
  let startsAt = "";
  let endsAt = "";

  const add = (gram: number) => {
    const bit = gram % MAX_BITS;
    bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
  };

  const endBlock = () => {
    if (rowCount === 0) return;
    const filter = folded(bits);
    blockBytes += filter.length;
    blocks.push({ startsAt: toIsoMicroseconds(startsAt), endsAt: toIsoMicroseconds(endsAt), rowCount, filter });
    bits.fill(0);
    for (const texts of seen) texts.clear();
    rowCount = 0;
  };

  const addText = (csv: Buffer, start: number, end: number, column: number) => {
    if (end - start <= MAX_REMEMBERED) {
      const texts = seen[column];
      const bytes = csv.toString("latin1", start, end);
      if (texts?.has(bytes)) return;
      texts?.add(bytes);
    }
    const isQuoted = csv[start] === QUOTE;
    const text = isQuoted
      ? csv.toString("utf8", start + 1, end - 1).replaceAll('""', '"')
      : csv.toString("utf8", start, end);
    eachGram(text, add);
  };

  const addRows = (chunk: Uint8Array) => {
    const csv = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let column = 0;
    for (let start = 0; start < csv.length; ) {
      const end = endOfField(csv, start);
      if (column === timeColumn) {
        endsAt = csv.toString("latin1", start, end);
        if (rowCount === 0) startsAt = endsAt;
      } else if (isText[column] && end > start) addText(csv, start, end, column);
      column++;
      if (csv[end] === LF) {
        column = 0;
        if (++rowCount === blockRows) endBlock();
      }
      start = end + 1;
    }
  };

  return {
    async *pass(rows) {
      for await (const chunk of rows) {
        addRows(chunk);
        yield chunk;
      }
    },
    take(minBytes) {
      if (blockBytes < minBytes) return [];
      const taken = blocks;
      blocks = [];
      blockBytes = 0;
      return taken;
    },
    finish() {
      endBlock();
      return blocks;
    },
  };
}

function hasText({ columns }: BrowsedTable, index: number): boolean {
  const type = columns[index]?.type;
  return type === "text" || type === "jsonb" || type === "inet";
}

/** The position of the comma or line feed after a field of CSV. */
function endOfField(csv: Uint8Array, start: number): number {
  let isQuoted = false;
  for (let index = start; index < csv.length; index++) {
    const byte = csv[index];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && (byte === COMMA || byte === LF)) return index;
  }
  return csv.length;
}

/** Halves a filter, by joining its halves, as long as enough bits remain unset. Hashes are then taken modulo fewer bits. */
function folded(bits: Uint8Array): Uint8Array {
  let filter = bits.slice();
  for (;;) {
    const half = filter.length / 2;
    const next = filter.slice(0, half);
    for (let index = 0; index < half; index++) next[index] = (next[index] ?? 0) | (filter[half + index] ?? 0);
    if (half < MIN_BYTES || shareOfSetBits(next) > MAX_SHARE) return filter;
    filter = next;
  }
}

function shareOfSetBits(bytes: Uint8Array): number {
  let count = 0;
  for (let byte of bytes) for (; byte > 0; byte &= byte - 1) count++;
  return count / (8 * bytes.length);
}

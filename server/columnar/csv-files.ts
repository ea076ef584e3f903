import { open, readdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { failureError, folderError } from "./failure-error";

/** Bytes of CSV that are converted at once, which limits the temporary space. */
const PART_BYTES = 256 * 1024 * 1024;
/** The rows that DuckDB processes at once, and the bytes of them that it has memory for. */
const VECTOR_ROWS = 2_048;
const VECTOR_BYTES = 64 * 1024 * 1024;
/** Bytes of one write. */
const BLOCK_BYTES = 256 * 1024;
/** Bytes between two checks of the free space. */
const CHECK_BYTES = 16 * 1024 * 1024;
/** As much as is still needed remains free for others, PostgreSQL among them. */
const SPACE_FACTOR = 2;
/** The default of DuckDB, so that its buffers are no larger than usual. */
const MIN_LINE_BYTES = 2_000_000;

const QUOTE = 34;
const LF = 10;

export interface Csv {
  readonly file: string;
  readonly maxLineBytes: number;
  /** The mean size of a row where rows are longest. */
  readonly rowBytes: number;
  readonly isLast: boolean;
}

export interface CsvOptions {
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly partBytes?: number;
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/**
 * Writes rows to files of limited size, and yields each when it is complete; without rows, one empty file. The next is
 * written when the consumer has converted and removed the one before.
 * @throws AppError columnar.no_temporary_space while there is still space for others
 */
export async function* csvFiles(
  folder: string,
  rows: AsyncIterable<Uint8Array>,
  { signal, partBytes = PART_BYTES, freeBytes = freeBytesOf }: CsvOptions,
): AsyncGenerator<Csv, void> {
  const iterator = rows[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    for (let number = 0; number === 0 || !next.done; number++) {
      const file = path.join(folder, `${number}.csv`);
      const writer = await openWriter(file, () => requireSpace(folder, freeBytes));
      const density = makeDensity();
      let maxLineBytes = MIN_LINE_BYTES;
      let size = 0;
      try {
        for (; !next.done && size < partBytes && !density.isFull(); next = await iterator.next()) {
          signal?.throwIfAborted();
          size += next.value.length;
          maxLineBytes = Math.max(maxLineBytes, next.value.length);
          density.add(next.value);
          await writer.write(next.value);
        }
        await writer.flush();
      } finally {
        await writer.close();
      }
      yield { file, maxLineBytes, rowBytes: density.rowBytes(), isLast: next.done === true };
    }
  } finally {
    await iterator.return?.();
  }
}

/** Measures rows in groups of VECTOR_ROWS. */
function makeDensity() {
  let bytes = 0;
  let rows = 0;
  let max = 0;
  return {
    add(csv: Uint8Array) {
      if (rows >= VECTOR_ROWS) {
        max = Math.max(max, bytes / rows);
        bytes = 0;
        rows = 0;
      }
      bytes += csv.length;
      rows += countRows(csv);
    },
    isFull: () => bytes >= VECTOR_BYTES,
    rowBytes: () => Math.max(max, bytes / Math.max(1, rows)),
  };
}

function countRows(csv: Uint8Array): number {
  let rows = 0;
  let isQuoted = false;
  for (let index = 0; index < csv.length; index++) {
    const byte = csv[index];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LF && !isQuoted) rows++;
  }
  return rows;
}

async function openWriter(file: string, check: () => Promise<void>) {
  const handle = await inFolder(() => open(file, "wx", 0o600));
  let blocks: Uint8Array[] = [];
  let blocked = 0;
  let unchecked = CHECK_BYTES;
  const flush = async () => {
    if (unchecked >= CHECK_BYTES) {
      await check();
      unchecked = 0;
    }
    await inFolder(() => handle.writeFile(Buffer.concat(blocks)));
    unchecked += blocked;
    blocks = [];
    blocked = 0;
  };
  return {
    async write(block: Uint8Array) {
      blocks.push(block);
      blocked += block.length;
      if (blocked >= BLOCK_BYTES) await flush();
    },
    flush,
    close: () => handle.close(),
  };
}

/**
 * Requires free space for as many bytes as the folder contains, which its files need when they are converted or merged,
 * and as much again for others, such as PostgreSQL.
 * @throws AppError columnar.no_temporary_space
 */
export async function requireSpace(folder: string, freeBytes = freeBytesOf): Promise<void> {
  await inFolder(async () => {
    let needed = CHECK_BYTES;
    for (const name of await readdir(folder)) needed += (await stat(path.join(folder, name))).size;
    const free = await freeBytes(folder);
    if (free < SPACE_FACTOR * needed)
      throw failureError({ kind: "no_temporary_space", message: `${free} bytes free, ${needed} needed` });
  });
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function inFolder<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderError(error);
  }
}

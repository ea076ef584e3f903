import type { Readable } from "node:stream";

/** What is compressed, hashed and written at a time: one row at a time costs many times as much. */
const BLOCK_BYTES = 256 * 1024;
/** Blocks that wait for the writer before the reading pauses. */
const MAX_WAITING = 4;

const CR = 13;
const LF = 10;

/**
 * The rows of a COPY in CSV, one chunk each as PostgreSQL sends them, as blocks of 256 KB with CRLF at the end of
 * each row. Paused while the reader is slower; a reader that leaves early must see to it that the COPY is cancelled.
 * A block holds until the next is asked for: then its memory is used again.
 * @param head what comes before the first row
 * @param onRows told how many rows are in the blocks given out so far
 */
export async function* gatherRows(
  copy: Readable,
  head: Buffer,
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer, void> {
  const waiting: { block: Buffer<ArrayBuffer>; used: number; rows: number }[] = [];
  const spare: Buffer<ArrayBuffer>[] = [];
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let used = head.copy(block);
  let rows = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake = () => {};

  const flush = (least: number) => {
    if (used > 0) waiting.push({ block, used, rows });
    block = (least <= BLOCK_BYTES && spare.pop()) || Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, least));
    used = 0;
    if (waiting.length >= MAX_WAITING) copy.pause();
    wake();
  };
  copy.on("data", (row: Buffer) => {
    if (used + row.length + 1 > block.length) flush(row.length + 1);
    used += row.copy(block, used) - 1;
    block[used++] = CR;
    block[used++] = LF;
    rows++;
  });
  copy.once("end", () => {
    flush(0);
    isOver = true;
    wake();
  });
  copy.once("error", (error) => {
    failure = error;
    wake();
  });

  try {
    while (true) {
      const next = waiting.shift();
      if (next) {
        copy.resume();
        onRows(next.rows);
        yield next.block.subarray(0, next.used);
        if (next.block.length === BLOCK_BYTES) spare.push(next.block);
      } else if (failure) {
        throw failure;
      } else if (isOver) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    // What is still sent until the cancel arrives has to be taken, or the connection would wait for ever.
    copy.removeAllListeners("data");
    copy.on("error", () => {});
    copy.resume();
  }
}

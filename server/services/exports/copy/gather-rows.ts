import type { Readable } from "node:stream";

/** Block size for compressing, hashing and writing: single rows cost many times as much. */
const BLOCK_BYTES = 256 * 1024;
/** Blocks that are buffered before reading pauses. */
const MAX_WAITING = 4;

const CR = 13;
const LF = 10;

/**
 * Groups the rows of a COPY, which PostgreSQL sends one per chunk with LF, into blocks of 256 KB.
 * Applies backpressure; a consumer that stops early must have the COPY cancelled. A block is valid until the next is
 * requested, because its memory is reused.
 * @param file the bytes before the first row, and the ends of lines
 * @param onRows called with the number of rows in the blocks returned so far
 * @param signal ends it; on a lost connection, reading would wait forever
 */
export async function* gatherRows(
  copy: Readable,
  { head, lineEnd }: { readonly head: Buffer; readonly lineEnd: "\n" | "\r\n" },
  onRows: (rows: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const waiting: { block: Buffer<ArrayBuffer>; used: number; rows: number }[] = [];
  const spare: Buffer<ArrayBuffer>[] = [];
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let used = head.copy(block);
  let rows = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake = () => {};

  const flush = (min: number) => {
    if (used > 0) waiting.push({ block, used, rows });
    block = (min <= BLOCK_BYTES && spare.pop()) || Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, min));
    used = 0;
    if (waiting.length >= MAX_WAITING) copy.pause();
    wake();
  };
  copy.on("data", (row: Buffer) => {
    if (used + row.length + 1 > block.length) flush(row.length + 1);
    used += row.copy(block, used) - 1;
    if (lineEnd === "\r\n") block[used++] = CR;
    block[used++] = LF;
    rows++;
  });
  copy.once("end", () => {
    flush(0);
    isOver = true;
    wake();
  });
  const fail = (error: Error) => {
    failure = error;
    wake();
  };
  // Destroying the COPY would leave its connection paused, and the cancel unread.
  const onAbort = () => fail(new Error("stopped", { cause: signal?.reason }));
  copy.once("error", fail);
  signal?.addEventListener("abort", onAbort, { once: true });

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
    signal?.removeEventListener("abort", onAbort);
    // Data that arrives before the cancel must be consumed, or the connection would block forever.
    copy.removeAllListeners("data");
    copy.on("error", () => {});
    copy.resume();
  }
}

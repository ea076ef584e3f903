import { within } from "@/server/lib/within";
import type { IntakeRecord } from "./record";

export interface BatchLimits {
  readonly records: number;
  /** Approximate characters; a batch has at least one record. */
  readonly length: number;
  /** Milliseconds that a record waits for others from a slow source. */
  readonly waitMs: number;
}

/** Groups records into batches. */
export async function* gatherBatches(
  blocks: AsyncIterable<IntakeRecord[]>,
  limits: BatchLimits,
): AsyncGenerator<IntakeRecord[]> {
  const iterator = blocks[Symbol.asyncIterator]();
  let batch: IntakeRecord[] = [];
  let length = 0;
  let firstAt = 0;
  let pending: Promise<IteratorResult<IntakeRecord[]>> | undefined;
  try {
    for (;;) {
      pending ??= iterator.next();
      const next = batch.length === 0 ? await pending : await within(pending, firstAt + limits.waitMs - Date.now());
      if (next === undefined) {
        yield batch;
        batch = [];
        length = 0;
        continue;
      }
      pending = undefined;
      if (next.done) break;
      if (batch.length === 0) firstAt = Date.now();
      for (const record of next.value) {
        batch.push(record);
        length += record.text.length;
        if (batch.length >= limits.records || length >= limits.length) {
          yield batch;
          batch = [];
          length = 0;
          firstAt = Date.now();
        }
      }
    }
    if (batch.length > 0) yield batch;
  } finally {
    const closed = iterator.return?.();
    // Not awaited: an idle source would block here.
    if (pending === undefined) await closed;
    else closed?.catch(() => {});
  }
}

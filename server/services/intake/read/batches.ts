import { within } from "@/server/lib/within";
import type { IntakeRecord } from "./record";

export interface BatchLimits {
  readonly records: number;
  /** Characters, about; at least one record. */
  readonly length: number;
  /** Milliseconds that a record waits for others, where they come slowly. */
  readonly waitMs: number;
}

/** Gathers records into batches. */
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
    // A source that gives nothing would hold us here.
    if (pending === undefined) await closed;
    else closed?.catch(() => {});
  }
}

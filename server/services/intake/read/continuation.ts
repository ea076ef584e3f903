import type { IntakeFormat } from "@/server/catalog/formats";
import type { Identifier } from "../identity/identify";
import type { IntakeRecord } from "./record";

/** How a file was read; the same for all its parts. */
export interface DetectedFormat {
  readonly format: IntakeFormat;
  readonly preset?: string;
}

/**
 * The reading of a file that is still written, from its start. What was processed before is only counted, so that ids
 * are the same as if the file had been read once.
 */
export interface Continuation {
  /** The number of records that were processed before. */
  readonly skip: number;
  /** The counts of the file that this one continues after a rotation. */
  readonly earlierCounts?: Uint32Array;
  /** As reported by an earlier reading. */
  readonly detected?: DetectedFormat;
  onFormat(detected: DetectedFormat): void;
  /** Called when all records up to this number have been stored or queued. */
  onProcessed(records: number): void;
  /** Receives a function that returns the counts for a file that continues this one. */
  onIdentifier(counts: () => Uint32Array): void;
}

/** Counts the first `skip` records towards the identity of the others, and yields the others. */
export async function* skipRecords(
  blocks: AsyncIterable<IntakeRecord[]>,
  skip: number,
  identifier: Identifier,
): AsyncGenerator<IntakeRecord[]> {
  let left = skip;
  for await (const block of blocks) {
    const skipped = block.slice(0, left);
    left -= skipped.length;
    const plainIds = new Map<string, string>();
    for (const { text, event, header } of skipped)
      identifier.idOf(header === undefined ? text : `${header}\n${text}`, event, plainIds);
    if (skipped.length < block.length) yield block.slice(skipped.length);
  }
}

/**
 * Reports how many records were processed without a gap, while batches finish in another order.
 * @param first the number of records before the first batch
 */
export function makeInOrder(first: number, onProcessed: (records: number) => void) {
  let started = first;
  const open: { readonly end: number; isDone: boolean }[] = [];
  return {
    /** @returns a function to call when the batch was stored */
    start(records: number): () => void {
      started += records;
      const batch = { end: started, isDone: false };
      open.push(batch);
      return () => {
        batch.isDone = true;
        let end: number | undefined;
        while (open[0]?.isDone) end = open.shift()?.end;
        if (end !== undefined) onProcessed(end);
      };
    },
  };
}

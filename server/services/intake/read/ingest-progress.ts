import { MAX_REPORTED_ERRORS } from "../batch";
import type { IngestResult, IntakeResult } from "../contract";

/** The progress of an intake. */
export interface IngestProgress {
  /** Bytes read from the source (compressed, for gzip). */
  readonly bytes: number;
  readonly records: number;
  readonly inserted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: number;
  readonly queued: number;
}

export interface Tally {
  readBytes(count: number): void;
  /** @param isRepeatable whether sending the batch again adds nothing */
  add(part: Partial<IntakeResult> & { readonly queued?: number }, isRepeatable: boolean): void;
  result(importId?: number, mapping?: string): IngestResult;
  /** Whether all added batches are repeatable. */
  isRepeatable(): boolean;
}

/** Sums the batches of one intake and calls `onProgress` after each. */
export function makeTally(onProgress?: (progress: IngestProgress) => void): Tally {
  let bytes = 0;
  let areAllRepeatable = true;
  let total: Omit<IngestResult, "import_id" | "status" | "mapping"> = {
    received: 0,
    queued: 0,
    inserted: 0,
    duplicates: 0,
    rejected: 0,
    dropped: 0,
    errors: [],
  };
  return {
    readBytes(count) {
      bytes += count;
    },
    add(part, isRepeatable) {
      areAllRepeatable &&= isRepeatable;
      total = {
        received: total.received + (part.received ?? 0),
        queued: total.queued + (part.queued ?? 0),
        inserted: total.inserted + (part.inserted ?? 0),
        duplicates: total.duplicates + (part.duplicates ?? 0),
        rejected: total.rejected + (part.rejected ?? 0),
        dropped: total.dropped + (part.dropped ?? 0),
        // Parallel batches may finish in another order.
        errors: [...total.errors, ...(part.errors ?? [])]
          .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
          .slice(0, MAX_REPORTED_ERRORS),
      };
      const { received, errors: _, ...counts } = total;
      onProgress?.({ bytes, records: received, ...counts });
    },
    result: (importId, mapping) => ({
      import_id: importId ?? null,
      mapping: mapping ?? null,
      status: total.received > 0 && total.rejected === total.received ? "failed" : "completed",
      ...total,
    }),
    isRepeatable: () => areAllRepeatable,
  };
}

import { isDeepStrictEqual } from "node:util";
import type { ErrorValue } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import type { PreparedBatch } from "../batch";

/** When this many records at the beginning are rejected for the same reason, the file is not in the expected format. */
const MAX_REJECTED = 1_000;

export interface FirstRecords {
  /**
   * Checks the next batch. When the intake must stop, the batch is reduced to the rejected records up to the limit, and
   * the reason is returned.
   */
  check(batch: PreparedBatch): { readonly batch: PreparedBatch; readonly stop?: AppError };
}

/** Checks whether the first thousand records of an intake are all rejected for the same reason. */
export function watchFirstRecords(): FirstRecords {
  let refused = 0;
  let reason: ErrorValue | undefined;
  let isDecided = false;
  return {
    check: (batch) => {
      if (isDecided) return { batch };
      const lines = [batch.events[0]?.line, batch.dropped[0]?.line];
      const firstGood = Math.min(...lines.map((line) => line ?? Number.POSITIVE_INFINITY));
      for (const { error, line } of [...batch.dead].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))) {
        reason ??= error;
        if (!isDeepStrictEqual(error, reason) || (line ?? 0) > firstGood) {
          isDecided = true;
          return { batch };
        }
        if (++refused < MAX_REJECTED) continue;
        const dead = batch.dead.filter((letter) => (letter.line ?? 0) <= (line ?? 0));
        return { batch: { ...batch, rows: [], events: [], undated: [], dropped: [], dead }, stop: stopFor(reason) };
      }
      isDecided = batch.rows.length + batch.dropped.length > 0;
      return { batch };
    },
  };
}

function stopFor(reason: ErrorValue): AppError {
  return new AppError("intake.first_refused", { count: MAX_REJECTED, reason });
}

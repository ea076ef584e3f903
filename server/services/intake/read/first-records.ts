import { intakeProblemText } from "@/server/catalog/intake-problem";
import { AppError } from "@/server/lib/errors";
import type { PreparedBatch } from "../batch";

/** So many records refused for one reason at the beginning mean that the file is not what it is taken for. */
const ENOUGH = 1_000;

export interface FirstRecords {
  /**
   * Looks at the next batch. Where the intake is to stop, what is left of the batch are the refused records up to
   * the limit, and why.
   */
  look(batch: PreparedBatch): { readonly batch: PreparedBatch; readonly stop?: AppError };
}

/** Watches whether the first thousand records of an intake are all refused for one reason. */
export function watchFirstRecords(): FirstRecords {
  let refused = 0;
  let reason: string | undefined;
  let isOver = false;
  return {
    look: (batch) => {
      if (isOver) return { batch };
      const firstGood = batch.events[0]?.line ?? Number.POSITIVE_INFINITY;
      for (const { error, line } of [...batch.dead].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))) {
        reason ??= error;
        if (error !== reason || (line ?? 0) > firstGood) {
          isOver = true;
          return { batch };
        }
        if (++refused < ENOUGH) continue;
        const dead = batch.dead.filter((letter) => (letter.line ?? 0) <= (line ?? 0));
        return { batch: { ...batch, rows: [], events: [], undated: [], dead }, stop: stopFor(reason) };
      }
      isOver = batch.rows.length > 0;
      return { batch };
    },
  };
}

function stopFor(reason: string): AppError {
  const count = ENOUGH.toLocaleString("en");
  return new AppError("UNPROCESSABLE", intakeProblemText("first_refused", { count, reason }));
}

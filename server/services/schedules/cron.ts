import type { Cron } from "croner";
import { readSchedule, type Schedule } from "@/server/lib/cron";

/** Enough to show how long no worker was available; more are "500 or more". */
export const MAX_MISSED = 500;

/**
 * Returns the next due time after `after`; null for never. A fixed time skipped by DST is due at the first moment after
 * the gap, one that occurs twice is due the first time; `*` and steps follow real time.
 */
export function nextDue(schedule: Schedule, after: Date): Date | null {
  return readSchedule(schedule).nextRun(after);
}

export interface Overdue {
  /** The latest due time that has passed. */
  readonly latest: Date;
  /** The number of due times that have passed, `first` included; MAX_MISSED means that many or more. */
  readonly count: number;
  readonly next: Date | null;
}

/** Lists the due times from `first`, which has passed, to `now`. */
export function overdue(schedule: Schedule, first: Date, now: Date): Overdue {
  const cron = readSchedule(schedule);
  let last = first;
  for (let count = 1; count < MAX_MISSED; count++) {
    const next = cron.nextRun(last);
    if (!next || next > now) return { latest: last, count, next };
    last = next;
  }
  return { latest: latestDue(cron, last, now), count: MAX_MISSED, next: cron.nextRun(now) };
}

/**
 * Returns the latest due time up to `now`, at least `due`. Found by bisection, because croner's previousRuns omits the
 * replacements of times skipped by DST.
 */
function latestDue(cron: Cron, due: Date, now: Date): Date {
  let latest = due;
  let from = due.getTime();
  for (let to = now.getTime(); to - from > 1_000; ) {
    const middle = Math.floor((from + to) / 2);
    const next = cron.nextRun(new Date(middle));
    if (next && next <= now) {
      latest = next;
      from = middle;
    } else {
      to = middle;
    }
  }
  return latest;
}

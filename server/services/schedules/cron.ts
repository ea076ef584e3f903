import type { Cron } from "croner";
import { readSchedule, type Schedule } from "@/server/lib/cron";

/** Enough to show how long no worker was there; more are "500 or more". */
export const MAX_MISSED = 500;

/**
 * When the schedule is due next, after `after`; null for never. A fixed time that the clocks skip in spring is due at
 * the first moment after the gap, one that comes twice in autumn at its first coming; `*` and steps go on by real time.
 */
export function nextDue(schedule: Schedule, after: Date): Date | null {
  return readSchedule(schedule).nextRun(after);
}

export interface Overdue {
  /** The last time that has come. */
  readonly latest: Date;
  /** How many have, `first` among them; MAX_MISSED means that many or more. */
  readonly count: number;
  readonly next: Date | null;
}

/** The times from `first`, which has come, to `now`. */
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
 * The last due time up to `now`, `due` or a later one. By bisection: croner's previousRuns does not know the times that
 * stand in for those the clocks skip.
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

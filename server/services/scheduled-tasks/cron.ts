import { Cron } from "croner";

/** A cron expression in a time zone. */
export interface Schedule {
  readonly cron: string;
  readonly timeZone: string;
}

/** Enough to tell how long nobody was there; who was away longer missed "500 or more". */
const MOST_COUNTED = 500;

/**
 * When the schedule is due next, after `after`; null for never (31 February). A fixed time that the clocks skip in
 * spring is due at the first moment after the gap, one that comes twice in autumn at its first coming; `*` and steps
 * go on by real time.
 */
export function nextDue(schedule: Schedule, after: Date): Date | null {
  return parse(schedule).nextRun(after);
}

function parse({ cron, timeZone }: Schedule): Cron {
  // sloppyRanges: `5/15`, from 5 in steps of 15, which the configuration takes too.
  return new Cron(cron, { timezone: timeZone, paused: true, sloppyRanges: true });
}

export interface Overdue {
  /** The last time that has come. */
  readonly latest: Date;
  /** How many have, `first` among them. */
  readonly count: number;
  readonly next: Date | null;
}

/** The times from `first`, which has come, to `now`. */
export function overdue(schedule: Schedule, first: Date, now: Date): Overdue {
  const cron = parse(schedule);
  let latest = first;
  for (let count = 1; ; count++) {
    const next = cron.nextRun(latest);
    if (!next || next > now) return { latest, count, next };
    if (count === MOST_COUNTED) return { latest, count, next: cron.nextRun(now) };
    latest = next;
  }
}

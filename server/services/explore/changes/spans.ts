import type { FieldError } from "@/server/catalog/errors";
import { fieldError, invalidInput } from "@/server/lib/errors";
import { type Instant, instantAt, parseRangeStart } from "@/server/lib/time";
import type { ChangesQuery } from "../contract";

/** Microseconds since 1970; the end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Spans {
  readonly window: Span;
  readonly baseline: Span;
  /** The same time of the day before, which what happens every day has in common; null if a baseline was given. */
  readonly dayBefore: Span | null;
}

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
/** Longer windows have a daily rhythm themselves. */
const MAX_RHYTHM = 12 * HOUR;

/** Returns the periods that are compared. @throws AppError request.invalid that names each invalid time */
export function spansOf({ window, baseline }: Pick<ChangesQuery, "window" | "baseline">, timeZone: string): Spans {
  const problems: FieldError[] = [];
  const read = (period: { start: string; end: string }, path: string): Span => {
    const [start, end] = (["start", "end"] as const).map((name) => {
      const time = parseRangeStart(period[name], timeZone);
      if (time === undefined) problems.push(fieldError(`${path}.${name}`, "input.not_time", {}));
      return time === undefined ? 0 : microsOf(time);
    });
    return { start: start ?? 0, end: end ?? 0 };
  };
  const now = read(window, "window");
  const given = baseline === null ? null : read(baseline, "baseline");
  if (problems.length === 0) {
    if (now.end <= now.start) problems.push(fieldError("window.end", "input.range_order", {}));
    if (given && given.end <= given.start) problems.push(fieldError("baseline.end", "input.range_order", {}));
  }
  if (problems.length > 0) throw invalidInput(problems);
  const length = now.end - now.start;
  return {
    window: now,
    baseline: given ?? { start: now.start - length, end: now.start },
    dayBefore: given || length > MAX_RHYTHM ? null : { start: now.start - DAY, end: now.end - DAY },
  };
}

function microsOf(time: Instant): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1_000 + Number(time.slice(20, 26));
}

export function instantOfMicros(micros: number): Instant {
  const seconds = Math.floor(micros / 1e6);
  return `${instantAt(seconds).slice(0, 19)}.${String(micros - seconds * 1e6).padStart(6, "0")}Z`;
}

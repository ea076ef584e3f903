import { tzOffset } from "@date-fns/tz";
import { type SQL, sql } from "drizzle-orm";
import { inDialects, microsOf, wholeQuotient } from "@/server/columnar";
import { type Instant, instantAt, parseInstant, secondsOf } from "@/server/lib/time";

const DAY = 86_400;
/** Clocks are compared in these steps, and the change is then searched. */
const STEP = 7 * DAY;
/** Earlier changes of clocks than 1970, and later ones than 30 years from now, are not considered. */
const MAX_FUTURE = 30 * 366 * DAY;
/** Added to local times so that they are positive: whole weeks, and whole cycles of the calendar. */
const BASE_DAYS = 10 * 146_097;
const MICROS = 1_000_000;

export type Width = "1m" | "5m" | "1h" | "1d" | "1w" | "1M";

const SECONDS = { "1m": 60, "5m": 300, "1h": 3_600, "1d": DAY, "1w": 7 * DAY, "1M": 30 * DAY } as const;
const WIDTHS = ["1m", "5m", "1h", "1d", "1w", "1M"] as const;
/** A range has at most one more, because it may start and end within one. */
const AUTO_BUCKETS = 60;

/** The local time of a time zone as expressions over columns. Clocks are those of JavaScript, so that engines need none. */
export interface Zone {
  readonly hourOfDay: (time: SQL) => SQL;
  /** 1 for Monday. */
  readonly weekday: (time: SQL) => SQL;
  /** A number that identifies the calendar's bucket of a time, in order. */
  readonly bucket: (time: SQL, width: Width) => SQL;
  /** The start of the bucket of this number. */
  readonly bucketStart: (bucket: number, width: Width) => Instant;
}

/** @param start and end of the times that are converted */
export function zoneOf(timeZone: string, start: Instant, end: Instant): Zone {
  const offset = offsetExpression(timeZone, start, end);
  /** Positive microseconds. */
  const local = (time: SQL) =>
    sql`(${microsOf(time)} + ${offset(time)} + ${sql.raw(String(BigInt(BASE_DAYS * DAY) * 1_000_000n))})`;
  const day = (time: SQL) => wholeQuotient(local(time), sql.raw(String(DAY * MICROS)));
  const weekday = (time: SQL) => sql`((${day(time)} + 3) % 7)`;
  return {
    hourOfDay: (time) => sql`(${wholeQuotient(local(time), sql.raw(String(3_600 * MICROS)))} % 24)`,
    weekday: (time) => sql`(${weekday(time)} + 1)`,
    bucket: (time, width) => {
      if (width === "1d") return sql`(${day(time)} - ${sql.raw(String(BASE_DAYS))})`;
      if (width === "1w") return sql`(${day(time)} - ${weekday(time)} - ${sql.raw(String(BASE_DAYS))})`;
      if (width === "1M") {
        return monthOf(sql`${microsOf(time)} + ${offset(time)}`);
      }
      return sql`(${microsOf(time)} - ${local(time)} % ${sql.raw(String(SECONDS[width] * MICROS))})`;
    },
    bucketStart: (bucket, width) => {
      if (width === "1d" || width === "1w") return startOf(dateOf(bucket), timeZone);
      if (width === "1M") {
        const year = String(Math.floor(bucket / 12)).padStart(4, "0");
        return startOf(`${year}-${String((bucket % 12) + 1).padStart(2, "0")}-01`, timeZone);
      }
      return instantAt(bucket / MICROS);
    },
  };
}

/** The number of months since year 0 of a time in microseconds. */
function monthOf(micros: SQL): SQL {
  const inDuckdb = sql`make_timestamp(${micros})`;
  const inClickhouse = sql`fromUnixTimestamp64Micro(${micros}, 'UTC')`;
  return inDialects(
    sql`(date_part('year', ${inDuckdb}) * 12 + date_part('month', ${inDuckdb}) - 1)`,
    sql`(toYear(${inClickhouse}) * 12 + toMonth(${inClickhouse}) - 1)`,
  );
}

/** The shortest width that divides the period into about 60 buckets at most. */
export function autoWidth(start: Instant, end: Instant): Width {
  const span = secondsOf(end) - secondsOf(start);
  return WIDTHS.find((width) => span / SECONDS[width] <= AUTO_BUCKETS) ?? "1M";
}

/** About how many buckets a period has. */
export function bucketCount(start: Instant, end: Instant, width: Width): number {
  return (secondsOf(end) - secondsOf(start)) / SECONDS[width];
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return Number.isFinite(tzOffset(text, new Date()));
  } catch {
    return false;
  }
}

function startOf(date: string, timeZone: string): Instant {
  return parseInstant(date, timeZone) ?? `${date}T00:00:00.000000Z`;
}

function dateOf(days: number): string {
  return new Date(days * DAY * 1_000).toISOString().slice(0, 10);
}

/** The offset of local time from UTC in microseconds. */
function offsetExpression(timeZone: string, start: Instant, end: Instant): (time: SQL) => SQL {
  const offsetAt = (seconds: number) => Math.round(tzOffset(timeZone, new Date(seconds * 1_000)) * 60);
  const now = Date.now() / 1_000;
  const first = Math.floor(Math.max(0, Math.min(secondsOf(start), now + MAX_FUTURE)));
  const last = Math.ceil(Math.max(first, Math.min(secondsOf(end), now + MAX_FUTURE)));
  const changes: { readonly until: number; readonly offset: number }[] = [];
  let offset = offsetAt(first);
  for (let at = first; at < last; at += STEP) {
    const next = offsetAt(at + STEP);
    if (next === offset) continue;
    let low = at;
    let high = at + STEP;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    changes.push({ until: high, offset });
    offset = next;
  }
  const micros = (seconds: number) => sql.raw(String(seconds * MICROS));
  if (changes.length === 0) return () => micros(offset);
  return (time) =>
    sql`case ${sql.join(
      changes.map((change) => sql`when ${microsOf(time)} < ${micros(change.until)} then ${micros(change.offset)}`),
      sql` `,
    )} else ${micros(offset)} end`;
}

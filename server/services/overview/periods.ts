import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";

export type Step = "minute" | "slot" | "hour" | "day";

export interface Range {
  readonly start: Instant;
  /** Exclusive. */
  readonly end: Instant;
}

const HOUR_MS = 3_600_000;
/** The finest step that gives a chart at most about 300 points. */
const STEPS: readonly (readonly [max: number, step: Step])[] = [
  [3 * HOUR_MS, "minute"],
  [26 * HOUR_MS, "slot"],
  [8 * 24 * HOUR_MS, "hour"],
];
/** Maximum number of days; a longer chart is unreadable and its response too large. */
const MAX_DAYS = 1_100;

/** The step of a chart over `range`. */
export function stepOf({ start, end }: Range): Step {
  const width = Date.parse(end) - Date.parse(start);
  return STEPS.find(([max]) => width <= max)?.[1] ?? "day";
}

/** The starts of the steps that `range` overlaps, and the end of the last one. Hours and days are in APP_TIMEZONE. */
export async function periodsOf(
  sql: SqlExecutor,
  timeZone: string,
  { start, end }: Range,
  step: Step,
): Promise<Instant[]> {
  const rows =
    step === "day"
      ? await sql<{ at: string }[]>`
          select day at time zone ${timeZone} as at
          from generate_series(
            date_trunc('day', greatest(${start}::timestamptz, ${end}::timestamptz - make_interval(days => ${MAX_DAYS})) at time zone ${timeZone}),
            date_trunc('day', (${end}::timestamptz - interval '1 microsecond') at time zone ${timeZone}) + interval '1 day',
            '1 day'
          ) as day`
      : await sql<{ at: string }[]>`
          select at
          from generate_series(
            ${step === "hour" ? sql`date_trunc('hour', ${start}::timestamptz, ${timeZone})` : binned(sql, step, start)},
            ${end}::timestamptz + ${WIDTHS[step]}::interval - interval '1 microsecond',
            ${WIDTHS[step]}::interval
          ) as at`;
  return rows.map(({ at }) => toIsoMicroseconds(at));
}

const WIDTHS = { minute: "1 minute", slot: "5 minutes", hour: "1 hour" } as const;

function binned(sql: SqlExecutor, step: "minute" | "slot", at: Instant) {
  return sql`date_bin(${WIDTHS[step]}::interval, ${at}::timestamptz, '2000-01-01Z')`;
}

/** Groups rows by period. */
export function byPeriod<Row extends { readonly at: string }>(rows: readonly Row[]): ReadonlyMap<Instant, Row[]> {
  const periods = new Map<string, Row[]>();
  for (const row of rows) {
    const own = periods.get(row.at);
    if (own) own.push(row);
    else periods.set(row.at, [row]);
  }
  return new Map([...periods].map(([at, own]) => [toIsoMicroseconds(at), own]));
}

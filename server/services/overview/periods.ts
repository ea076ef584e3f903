import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import type { Step } from "./contract";

/** The periods that counts and metrics are stored by. */
export type Grain = Exclude<Step, "month" | "year">;

export interface Range {
  readonly start: Instant;
  /** Exclusive. */
  readonly end: Instant;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The finest step that gives a chart a readable number of points. */
const STEPS: readonly (readonly [max: number, step: Step])[] = [
  [3 * HOUR_MS, "minute"],
  [26 * HOUR_MS, "slot"],
  [8 * DAY_MS, "hour"],
  [1_100 * DAY_MS, "day"],
  [40 * 366 * DAY_MS, "month"],
];

/** The step of a chart over `range`. */
export function stepOf({ start, end }: Range): Step {
  const width = Date.parse(end) - Date.parse(start);
  return STEPS.find(([max]) => width <= max)?.[1] ?? "year";
}

/** Returns the stored period of which a step consists. */
export function grainOf(step: Step): Grain {
  return step === "month" || step === "year" ? "day" : step;
}

/** Returns SQL for the start of the step that contains the stored period starting at `at`. */
export function stepStart(sql: SqlExecutor, timeZone: string, step: Step) {
  return step === grainOf(step) ? sql`at` : sql`date_trunc(${step}, at, ${timeZone})`;
}

/**
 * Returns the starts of the steps that `range` overlaps, and the end of the last one. Hours and longer steps are in
 * APP_TIMEZONE.
 */
export async function periodsOf(
  sql: SqlExecutor,
  timeZone: string,
  { start, end }: Range,
  step: Step,
): Promise<Instant[]> {
  const rows =
    step === "day" || step === "month" || step === "year"
      ? await sql<{ at: string }[]>`
          select period at time zone ${timeZone} as at
          from generate_series(
            date_trunc(${step}, ${start}::timestamptz at time zone ${timeZone}),
            date_trunc(${step}, (${end}::timestamptz - interval '1 microsecond') at time zone ${timeZone}) + ${`1 ${step}`}::interval,
            ${`1 ${step}`}::interval
          ) as period`
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

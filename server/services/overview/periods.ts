import type postgres from "postgres";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import type { Step } from "./contract";

/** The periods that counts and metrics are stored by. */
export type Grain = "minute" | "slot" | "hour" | "day";

export interface Range {
  readonly start: Instant;
  /** Exclusive. */
  readonly end: Instant;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Bars of a chart: in the narrowest one, of a phone with 390 pixels, each is at least 4 pixels wide. */
const MAX_POINTS = 62;

type Bin = "15m" | "30m" | "3h" | "6h" | "12h" | "2d";

/** Steps that consist of several stored periods. Those below an hour are counted from UTC, others in local time. */
const BINS: Readonly<Record<Bin, string>> = {
  "15m": "15 minutes",
  "30m": "30 minutes",
  "3h": "3 hours",
  "6h": "6 hours",
  "12h": "12 hours",
  "2d": "2 days",
};

interface StepRule {
  readonly step: Step;
  readonly ms: number;
  readonly grain: Grain;
}

/** All steps, finest first. */
const RULES: readonly StepRule[] = [
  { step: "minute", ms: HOUR_MS / 60, grain: "minute" },
  { step: "slot", ms: HOUR_MS / 12, grain: "slot" },
  { step: "15m", ms: HOUR_MS / 4, grain: "slot" },
  { step: "30m", ms: HOUR_MS / 2, grain: "slot" },
  { step: "hour", ms: HOUR_MS, grain: "hour" },
  { step: "3h", ms: 3 * HOUR_MS, grain: "hour" },
  { step: "6h", ms: 6 * HOUR_MS, grain: "hour" },
  { step: "12h", ms: 12 * HOUR_MS, grain: "hour" },
  { step: "day", ms: DAY_MS, grain: "day" },
  { step: "2d", ms: 2 * DAY_MS, grain: "day" },
  { step: "week", ms: 7 * DAY_MS, grain: "day" },
  { step: "month", ms: 30 * DAY_MS, grain: "day" },
  { step: "quarter", ms: 91 * DAY_MS, grain: "day" },
  { step: "year", ms: 365 * DAY_MS, grain: "day" },
  { step: "decade", ms: 3_652 * DAY_MS, grain: "day" },
];

/** The step of a chart over `range`: the finest of `steps` that gives at most MAX_POINTS. */
export function stepOf({ start, end }: Range, steps?: readonly Step[]): Step {
  const width = Date.parse(end) - Date.parse(start);
  const rules = steps ? RULES.filter(({ step }) => steps.includes(step)) : RULES;
  return (rules.find(({ ms }) => width <= ms * MAX_POINTS) ?? rules.at(-1))?.step ?? "decade";
}

/** Returns the stored period of which a step consists. */
export function grainOf(step: Step): Grain {
  return RULES.find((rule) => rule.step === step)?.grain ?? "day";
}

/** Returns SQL for the start of the step that contains the stored period starting at `at`. */
export function stepStart(sql: SqlExecutor, timeZone: string, step: Step) {
  if (step === grainOf(step)) return sql`at`;
  if (isShort(step)) return binned(sql, step, sql`at`);
  return sql`${localStart(sql, step, sql`at at time zone ${timeZone}`)} at time zone ${timeZone}`;
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
  const local = (at: Instant) => sql`${at}::timestamptz at time zone ${timeZone}`;
  const rows =
    step === "hour" || isShort(step)
      ? await sql<{ at: string }[]>`
          select at
          from generate_series(
            ${step === "hour" ? sql`date_trunc('hour', ${start}::timestamptz, ${timeZone})` : binned(sql, step, sql`${start}::timestamptz`)},
            ${end}::timestamptz + ${widthOf(step)}::interval - interval '1 microsecond',
            ${widthOf(step)}::interval
          ) as at`
      : await sql<{ at: string }[]>`
          select distinct period at time zone ${timeZone} as at
          from generate_series(
            ${localStart(sql, step, local(start))},
            ${localStart(sql, step, sql`${local(end)} - interval '1 microsecond'`)} + ${widthOf(step)}::interval,
            ${widthOf(step)}::interval
          ) as period
          order by at`;
  return rows.map(({ at }) => toIsoMicroseconds(at));
}

type ShortStep = "minute" | "slot" | "15m" | "30m";

function isShort(step: Step): step is ShortStep {
  return step === "minute" || step === "slot" || step === "15m" || step === "30m";
}

/** The width as an interval of PostgreSQL. */
function widthOf(step: Step): string {
  if (step === "minute") return "1 minute";
  if (step === "slot") return "5 minutes";
  if (step === "quarter") return "3 months";
  if (step === "decade") return "10 years";
  return isBin(step) ? BINS[step] : `1 ${step}`;
}

function isBin(step: Step): step is Bin {
  return step in BINS;
}

function binned(sql: SqlExecutor, step: ShortStep, at: postgres.Fragment) {
  return sql`date_bin(${widthOf(step)}::interval, ${at}, '2000-01-01Z'::timestamptz)`;
}

/** @param at a local time */
function localStart(sql: SqlExecutor, step: Step, at: postgres.Fragment) {
  return isBin(step)
    ? sql`date_bin(${BINS[step]}::interval, ${at}, '2000-01-01'::timestamp)`
    : sql`date_trunc(${step}, ${at})`;
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

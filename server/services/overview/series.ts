import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { availableStep } from "./available-step";
import type { Series, Step } from "./contract";
import { byPeriod, grainOf, periodsOf, type Range, stepStart } from "./periods";
import { readOnly } from "./read-only";

/** Metrics with several values per point. */
const LABELLED = ["queue_length", "table_bytes", "index_bytes", "latency_bucket"];

interface Row {
  readonly at: string;
  readonly name: string;
  readonly label: string;
  readonly sum: number;
  readonly max: number;
}

type Value = number | null;

/** The metrics of a period; null without data. */
export interface Readings {
  readonly at: Instant;
  readonly end: Instant;
  readonly sum: (name: string) => Value;
  readonly max: (name: string, label?: string) => Value;
  readonly perSecond: (name: string) => Value;
  readonly byTable: (value: (table: LogTableName) => Value) => Record<LogTableName, Value>;
  /** The sums of a metric by label. */
  readonly labels: (name: string) => readonly { readonly label: string; readonly sum: number }[];
}

/**
 * Reads metrics over time from the roll-ups.
 * @param names the metrics that `pointOf` reads
 */
export async function metricSeries<Point>(
  ctx: Context,
  range: Range,
  names: readonly string[],
  pointOf: (readings: Readings) => Point,
): Promise<Series<Point>> {
  const step = availableStep(ctx, range);
  const { periods, rows } = await readOnly(ctx, async (tx) => {
    const { timeZone } = ctx.config;
    const periods = await periodsOf(tx, timeZone, range, step);
    const whole = { start: periods[0] ?? range.start, end: periods.at(-1) ?? range.end };
    return { periods, rows: await readMetrics(tx, timeZone, whole, step, names) };
  });
  const found = byPeriod(rows);
  const points = periods.slice(0, -1).map((at, index) => {
    const end = periods[index + 1] ?? range.end;
    return pointOf(readingsOf(at, end, found.get(at) ?? [], ctx.now()));
  });
  return { step, points };
}

async function readMetrics(
  tx: Transaction,
  timeZone: string,
  { start, end }: Range,
  step: Step,
  names: readonly string[],
): Promise<Row[]> {
  return await tx<Row[]>`
    select
      ${stepStart(tx, timeZone, step)} as at,
      name,
      case when name = any(${LABELLED}::text[]) then label else '' end as label,
      sum(sum)::float8 as sum,
      max(max)::float8 as max
    from metrics
    where grain = ${grainOf(step)} and at >= ${start} and at < ${end} and name = any(${[...names]}::text[])
    group by 1, 2, 3`;
}

const SIGNIFICANT_DIGITS = 4;

/** What a chart can show of a value; more digits would double the size of an answer. */
export function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

function readingsOf(at: Instant, end: Instant, rows: readonly Row[], now: Date): Readings {
  const seconds = Math.max(1, (Math.min(Date.parse(end), now.getTime()) - Date.parse(at)) / 1_000);
  const own = (name: string) => rows.filter((row) => row.name === name);
  const sum = (name: string) => (own(name).length === 0 ? null : own(name).reduce((total, row) => total + row.sum, 0));
  return {
    at,
    end,
    sum,
    max: (name, label) => {
      const found = own(name).filter((row) => label === undefined || row.label === label);
      return found.length === 0 ? null : rounded(Math.max(...found.map((row) => row.max)));
    },
    perSecond: (name) => {
      const events = sum(name);
      return events === null ? null : rounded(events / seconds);
    },
    byTable: (value) =>
      Object.fromEntries(LOG_TABLE_NAMES.map((table) => [table, value(table)])) as Record<LogTableName, Value>,
    labels: own,
  };
}

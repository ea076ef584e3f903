import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import type { FieldError } from "@/server/catalog/errors";
import { inDialects, matchesWhole } from "@/server/columnar";
import { fieldError } from "@/server/lib/errors";
import type { ExploreColumn, ExploreValue, Measure } from "./contract";
import { groupField, type NumericField, numericField } from "./fields";
import type { Zone } from "./zone";

/** Fractional digits of JSON numbers. With 18 digits before the point, 100 million of them can be added. */
const SCALE = 12;
const MAX_WHOLE = 18;

/** Numbers of which a measure is computed, as text with all digits; null without a value. */
export type Part = string | null;

export interface MeasureExpression {
  readonly name: string;
  readonly type: ExploreColumn["type"];
  readonly columns: readonly string[];
  readonly example?: string;
  /** The values that are aggregated, as a column of each row; undefined if only rows count. */
  readonly input?: (zone: Zone) => SQL;
  /** Measures with the same key have the same values. */
  readonly inputKey?: string;
  readonly kind: NumericField["kind"] | "text" | "none";
  /** Aggregates of the rows with a condition; of all rows without. */
  readonly parts: (input: SQL, condition?: SQL) => SQL[];
  /** By which groups are ranked; by default the first part. */
  readonly rank?: (parts: readonly SQL[]) => SQL;
  readonly finish: (parts: readonly Part[]) => ExploreValue;
  /** The aggregate that combines each part of groups to that of all rows; undefined if there is none. */
  readonly combined?: "sum" | "min" | "max";
  /** For a percentile: the percentage of the values that are at most it. */
  readonly percent?: number;
}

const PERCENTILES: Readonly<Record<string, number>> = { p50: 50, p90: 90, p95: 95, p99: 99 };

/** @returns the field errors of a measure that cannot be computed */
export function measureExpression(
  table: LogTable,
  { fn, field }: Measure,
  path: string,
): MeasureExpression | { readonly error: FieldError } {
  const name = field === undefined ? fn : `${fn}(${field})`;
  if (fn === "count" || fn === "error_rate") {
    if (field !== undefined) return { error: fieldError(`${path}.field`, "input.no_measure_field", {}) };
    return fn === "count" ? COUNT : errorRate(table, path);
  }
  if (field === undefined) return { error: fieldError(`${path}.field`, "input.measure_field", {}) };
  if (fn === "distinct") {
    const found = groupField(table, field);
    if (!found) return { error: fieldError(`${path}.field`, "input.not_groupable", {}) };
    const count = (input: SQL, condition?: SQL) => filtered(sql`count(distinct ${input})`, condition);
    return {
      ...{ name, type: "number", kind: "text", columns: found.columns, example: found.example },
      inputKey: `text ${field}`,
      input: found.value,
      parts: (input, condition) => [count(input, condition)],
      finish: ([part]) => Number(part ?? 0),
    };
  }
  const found = numericField(table, field, fn === "min" || fn === "max");
  if (!found) return { error: fieldError(`${path}.field`, "input.not_number", {}) };
  const { kind } = found;
  const own = {
    ...{ name, kind, columns: found.columns, example: found.example },
    ...{ input: found.value, inputKey: `${kind} ${field}` },
  } as const;
  const values = (input: SQL, condition?: SQL) => filtered(sql`count(${input})`, condition);
  const sum = (input: SQL, condition?: SQL) => filtered(sql`sum(${input})`, condition);
  if (fn === "sum")
    return {
      ...own,
      type: "number",
      parts: (input, condition) => [sum(input, condition), values(input, condition)],
      finish: ([total, count]) => (Number(count ?? 0) === 0 ? null : Number(total)),
      combined: "sum",
    };
  if (fn === "avg")
    return {
      ...own,
      type: "number",
      parts: (input, condition) => [sum(input, condition), values(input, condition)],
      rank: ([total = NULL, count = NULL]) => sql`${total}::double / ${count}`,
      finish: ([total, count]) => (Number(count ?? 0) === 0 ? null : quotient(total ?? "0", count ?? "1")),
      combined: "sum",
    };
  const percent = PERCENTILES[fn];
  const one = (input: SQL, condition?: SQL) =>
    percent === undefined ? filtered(sql`${sql.raw(fn)}(${input})`, condition) : nearestRank(input, percent, condition);
  return {
    ...own,
    type: kind === "time" ? "time" : "number",
    parts: (input, condition) => [one(input, condition)],
    ...(percent === undefined ? {} : { percent }),
    finish: ([part]) => {
      if (part === null || part === undefined) return null;
      return kind === "time" ? instantFromMicros(part) : Number(part);
    },
    ...(fn === "min" || fn === "max" ? { combined: fn } : {}),
  };
}

const NULL = sql`null`;

const COUNT: MeasureExpression = {
  name: "count",
  type: "number",
  kind: "none",
  columns: [],
  parts: (_, condition) => [filtered(sql`count(*)`, condition)],
  finish: ([count]) => Number(count ?? 0),
  combined: "sum",
};

/** The share of server errors among the rows with a status. */
function errorRate(table: LogTable, path: string): MeasureExpression | { readonly error: FieldError } {
  const column = table.columns.find(({ filter }) => filter === "status");
  if (!column) return { error: fieldError(`${path}.fn`, "input.no_status", {}) };
  const errors = (input: SQL, condition?: SQL) =>
    filtered(sql`count(case when ${input} between 500 and 599 then 1 end)`, condition);
  const values = (input: SQL, condition?: SQL) => filtered(sql`count(${input})`, condition);
  return {
    name: "error_rate",
    type: "share",
    kind: "integer",
    columns: [column.name],
    example: `${column.name}:200`,
    input: () => sql.identifier(column.name).getSQL(),
    parts: (input, condition) => [errors(input, condition), values(input, condition)],
    rank: ([found = NULL, count = NULL]) => sql`${found}::double / nullif(${count}, 0)`,
    finish: ([found, count]) => (Number(count ?? 0) === 0 ? null : Number(found) / Number(count)),
    combined: "sum",
  };
}

/** The smallest value that at least so many percent of the values do not exceed, computed in whole numbers. */
function nearestRank(input: SQL, percent: number, condition: SQL | undefined): SQL {
  const sorted = sql`arraySort(${filtered(sql`groupArray(${input})`, condition)})`;
  const place = sql`intDiv(length(${sorted}) * ${sql.raw(String(percent))} + 99, 100)`;
  return inDialects(
    filtered(sql`quantile_disc(${input}, ${sql.raw(`0.${percent}`)})`, condition),
    sql`if(empty(${sorted}), null, ${sorted}[${place}])`,
  );
}

/** DuckDB answers some aggregates of all rows from metadata, but not with a condition that is always true. */
function filtered(aggregate: SQL, condition: SQL | undefined): SQL {
  return condition ? sql`${aggregate} filter (where ${condition})` : aggregate;
}

/** Whether the text of a JSON number can be computed with exactly. */
export function isExact(text: SQL): SQL {
  return matchesWhole(text, `-?[0-9]{1,${MAX_WHOLE}}(\\.[0-9]{1,${SCALE}}0*)?`);
}

/** The number of a text, as a decimal; null if it is not exact. DuckDB reads decimals of 64 bits a hundred times as fast. */
export function exactNumber(text: SQL): SQL {
  const decimal = sql.raw(`decimal(38, ${SCALE})`);
  const inDuckdb = sql`
    case
      when regexp_full_match(${text}, '-?[0-9]{1,12}(\\.[0-9]{1,6})?') then cast(cast(${text} as decimal(18, 6)) as ${decimal})
      when ${isExact(text)} then cast(${text} as ${decimal})
    end`;
  // Its sums do not report an overflow, so that they need more digits.
  const inClickhouse = sql`case when ${isExact(text)} then toDecimal256OrNull(${text}, ${sql.raw(String(SCALE))}) end`;
  return inDialects(inDuckdb, inClickhouse);
}

/** A number as a whole number of units of its last digit. */
function scaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(scale, "0")}`);
}

const DIGITS = 40n;

/** The quotient, rounded once. */
function quotient(sum: string, count: string): number {
  const total = Number(sum);
  if (Number.isSafeInteger(total) && !sum.includes(".")) return total / Number(count);
  const digits = (scaled(sum, SCALE) * 10n ** DIGITS) / BigInt(count);
  return Number(`${digits}e-${DIGITS + BigInt(SCALE)}`);
}

function instantFromMicros(text: string): string {
  const micros = BigInt(text);
  const seconds = micros / 1_000_000n - (micros % 1_000_000n < 0n ? 1n : 0n);
  const rest = String(micros - seconds * 1_000_000n).padStart(6, "0");
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
  return `${whole}.${rest}Z`;
}

import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import type { ColumnarRow } from "@/server/columnar";
import { MIN_ROWS } from "./assess";
import type { Overlap } from "./explain";
import type { ComparedField } from "./fields";
import type { Sampling } from "./sampling";
import { instantOfMicros, type Span, type Spans } from "./spans";
import { KINDS, type Kind, mapKinds, SLICES, type Tallies } from "./tally";

/** Response times that are slow in the window, and before. */
export interface SlowAbove {
  readonly now: number;
  readonly before: number;
}

/** The rows that are counted. */
export interface Source {
  readonly table: LogTable;
  readonly from: SQL;
  readonly spans: Spans;
  /** Rows with a longer response time are slow; null if the table has none. */
  readonly slowAbove: SlowAbove | null;
  readonly sampling: Sampling;
  /** The kinds that are distinguished, in addition to all rows. */
  readonly kinds: ReadonlySet<Kind>;
}

const WINDOW = 0;
const DAY_BEFORE = SLICES + 1;
const LISTED = 40;
const LISTED_BEFORE = 60;
const LISTED_ROWS = 5;

const AT = sql`epoch_us(created_at)`;

function within({ start, end }: Span): SQL {
  return sql`${AT} >= ${sql.raw(String(start))} and ${AT} < ${sql.raw(String(end))}`;
}

/** The period of a row: 0 for the window, 1 and more for the parts of the baseline, then the day before. */
function periodOf({ window, baseline, dayBefore }: Spans): SQL {
  const length = Math.max(1, baseline.end - baseline.start);
  const slice = sql`1 + (${AT} - ${sql.raw(String(baseline.start))}) * ${sql.raw(String(SLICES))} // ${sql.raw(String(length))}`;
  return sql`case
    when ${within(window)} then ${sql.raw(String(WINDOW))}
    when ${within(baseline)} then ${slice}
    ${dayBefore ? sql`when ${within(dayBefore)} then ${sql.raw(String(DAY_BEFORE))}` : sql``} end`;
}

const STATUS = "status_code";
const TIME = "response_time";

/** What tells visitors apart: the first that a row has. */
const VISITOR = ["user_id", "ip_address"];

/** The columns that statements read in addition to those of the fields. */
export function kindColumns(table: LogTable): string[] {
  return table.columns.map(({ name }) => name).filter((name) => [STATUS, TIME, ...VISITOR].includes(name));
}

function conditionsOf({ table, spans, slowAbove, kinds }: Source): Readonly<Record<Exclude<Kind, "rows">, SQL>> {
  const none = sql`false`;
  const hasStatus = table.columns.some(({ name }) => name === STATUS);
  const status = (kind: Kind, condition: SQL) =>
    hasStatus && kinds.has(kind) ? sql`coalesce(status_code ${condition}, false)` : none;
  return {
    failed: status("failed", sql`between 500 and 599`),
    refused: status("refused", sql`between 400 and 499`),
    slow:
      slowAbove === null || !kinds.has("slow")
        ? none
        : sql`coalesce(response_time > case when ${within(spans.window)} then ${sql.raw(String(slowAbove.now))} else ${sql.raw(String(slowAbove.before))} end, false)`,
  };
}

/** The rows of a sampling as a table expression, and some more of the same time. */
function sampled({ from, spans, sampling: { every, ranges } }: Pick<Source, "from" | "spans" | "sampling">): SQL {
  if (every === 1 && ranges === null) return from;
  const { window, baseline, dayBefore } = spans;
  const thinned = every > 1 ? sql`and hash(created_at) % ${sql.raw(String(every))} = 0` : sql``;
  const at = (span: Span, condition = sql``) => sql`
    select * from matching
    where created_at >= ${instantOfMicros(span.start)}::timestamptz
      and created_at < ${instantOfMicros(span.end)}::timestamptz ${condition}`;
  const outside = sql`and not (${within(baseline)})`;
  const selects = [
    at(window, thinned),
    ...(dayBefore ? [at(dayBefore, sql`${thinned} ${outside} and not (${within(window)})`)] : []),
    ...(ranges ?? [baseline]).map((range) => at(range, sql`and not (${within(window)})`)),
  ];
  return sql`(
    with matching as not materialized (select * from ${from})
    ${sql.join(selects, sql` union all `)}) as sampled`;
}

/**
 * Returns the number of rows in the window and the day before, that in the baseline, the 95th percentile of response
 * times in the baseline, and the medians of both.
 */
export function sizeStatement(source: Pick<Source, "table" | "from" | "spans" | "sampling">): SQL {
  const { table, spans } = source;
  const time = table.columns.some(({ name }) => name === TIME) ? sql.identifier(TIME).getSQL() : sql`null::integer`;
  const isBefore = sql`p between 1 and ${sql.raw(String(SLICES))}`;
  return sql`
    select count(*) filter (where not ${isBefore}) as now, count(*) filter (where ${isBefore}) as before,
      quantile_disc(response_time, 0.95) filter (where ${isBefore}) as slow_above,
      quantile_disc(response_time, 0.5) filter (where ${isBefore}) as median_before,
      quantile_disc(response_time, 0.5) filter (where p = ${sql.raw(String(WINDOW))}) as median_now
    from (select ${time} as response_time, ${periodOf(spans)} as p from ${sampled(source)}) where p is not null`;
}

/** Reads a row of sizeStatement. If all rows are slower, those that are slower than others are slow. */
export function slowAboveOf(row: ColumnarRow | undefined): SlowAbove | null {
  const { slow_above: before, median_before, median_now } = row ?? {};
  if (typeof before !== "number") return null;
  const slower = Number(median_now ?? 0) / Math.max(1, Number(median_before ?? 0));
  return { before, now: Math.round(before * Math.max(1, slower)) };
}

/** The columns `values` of each sampled row of a period, and `k`: its period and kinds as bits. */
function rowsOf(source: Source, values: readonly SQL[]): SQL {
  const { failed, refused, slow } = conditionsOf(source);
  const bits = sql`${periodOf(source.spans)} * 8 + ${failed}::integer * 4 + ${refused}::integer * 2 + ${slow}::integer`;
  const list = values.map((value, index) => sql`${value} as ${name(index)}`);
  return sql`(
    select *
    from (select ${sql.join([...list, sql`cast(${bits} as utinyint) as k`], sql`, `)} from ${sampled(source)})
    where k is not null)`;
}

function name(index: number): SQL {
  return sql.raw(`v${index}`);
}

const BIT: Readonly<Record<Kind, number>> = { rows: 0, failed: 4, refused: 2, slow: 1 };

/** Sums of `n` by kind and period, with the names that talliesOf reads. */
const SUMS = sql.raw(
  KINDS.flatMap((kind) =>
    Array.from(
      { length: DAY_BEFORE + 1 },
      (_, period) =>
        `coalesce(sum(n) filter (where k >> 3 = ${period}${kind === "rows" ? "" : ` and k & ${BIT[kind]} > 0`}), 0)::bigint as ${kind}${period}`,
    ),
  ).join(", "),
);

/** The rows of totals in the result of valuesStatement. */
export const TOTAL = -1;

/**
 * Returns the numbers of all rows, and for each field, as its index, those of the values that have more rows than
 * before, and of those with most rows before. It reads the rows once.
 */
export function valuesStatement(source: Source, fields: readonly ComparedField[]): SQL {
  const values = fields.map(({ value }) => sql`cast(${value} as varchar)`);
  const columns = fields.map((_, index) => name(index));
  const list = sql.join(columns, sql`, `);
  const sets = columns.map((column) => sql`(${column}, k)`);
  // grouping() has a bit for each column by which a row is not grouped.
  const all = 2 ** fields.length - 1;
  const field = sql.raw(
    `case s ${[
      `when ${all} then ${TOTAL}`,
      ...fields.map((_, index) => `when ${all - 2 ** (fields.length - 1 - index)} then ${index}`),
    ].join(" ")} end`,
  );
  return sql`
    with keyed as materialized (
      select ${field} as field, key, k, n
      from (
        select grouping(${list}) as s, coalesce(${list}) as key, k, count(*) as n
        from ${rowsOf(source, values)}
        group by grouping sets ((k), ${sql.join(sets, sql`, `)}))
    )
    select keyed.field, keyed.key, ${COUNTS}, ${SUMS}
    from keyed join (${CHOSEN}) as chosen
      on keyed.field = chosen.field and keyed.key is not distinct from chosen.key
    group by all`;
}

const COUNTS = sql.raw(KINDS.map((kind) => `${kind}_count`).join(", "));

/** Of each field, the values with most rows, and those with more rows than before. */
const CHOSEN = chosen();

function chosen(): SQL {
  const periods = (kind: Kind, condition: string) =>
    `coalesce(sum(n) filter (where ${condition}${kind === "rows" ? "" : ` and k & ${BIT[kind]} > 0`}), 0)`;
  const sums = KINDS.flatMap((kind) => [
    `${periods(kind, "k < 8")} as ${kind}_now`,
    `${periods(kind, `k between 8 and ${SLICES * 8 + 7}`)} as ${kind}_before`,
  ]);
  const ratios = KINDS.map((kind) => `(${kind}_now / greatest(1, ${kind}_before))::double as ${kind}_ratio`);
  // Window functions over all values would take as long as the rest of the statement.
  const best = (score: string, count: number) => `max_by({'key': key}, ${score}, ${count})`;
  const tops = [
    best("rows_before", LISTED_BEFORE),
    ...KINDS.map((kind) => best(`${kind}_now - ${kind}_before * ${kind}_ratio`, LISTED)),
  ];
  const counts = KINDS.map(
    (kind) => `count(*) filter (where ${kind}_now + ${kind}_before >= ${MIN_ROWS}) as ${kind}_count`,
  );
  const names = KINDS.map((kind) => `${kind}_count`).join(", ");
  return sql.raw(`
    with sums as materialized (
      select keyed.field, keyed.key, ${sums.join(", ")}
      from keyed join (select field, key from keyed group by all having sum(n) >= ${LISTED_ROWS} or field = ${TOTAL}) as frequent
        on keyed.field = frequent.field and keyed.key is not distinct from frequent.key
      group by all
    ), tops as (
      select field, ${counts.join(", ")}, list_distinct(flatten([${tops.join(", ")}])) as best
      from sums cross join (select ${ratios.join(", ")} from sums where field = ${TOTAL})
      where field = ${TOTAL} or rows_now >= ${LISTED_ROWS} or rows_before >= ${LISTED_ROWS}
      group by field
    )
    select field, ${names}, unnested.best.key as key
    from (select field, ${names}, unnest(best) as best from tops) as unnested`);
}

/** A value of a field, and whether a row has it. */
export interface FieldValue {
  readonly field: ComparedField;
  readonly value: string | null;
}

/**
 * Returns the numbers of rows by the values that they have, as bits.
 * @param visitors how many of the visitors with most errors or slow rows in the window are listed for each
 */
export function overlapStatement(source: Source, values: readonly FieldValue[], visitors: number): SQL {
  const fields = [...new Set(values.map(({ field }) => field))];
  const columns = fields.map(({ value }) => sql`cast(${value} as varchar)`);
  const bits = values.map(({ field, value }, index) => {
    const column = name(fields.indexOf(field));
    const condition = value === null ? sql`${column} is null` : sql`coalesce(${column} = ${value}, false)`;
    return sql`case when ${condition} then ${sql.raw(String(2 ** index))}::bigint else 0 end`;
  });
  const known = VISITOR.filter((column) => source.table.columns.some((own) => own.name === column));
  const visitor = sql`hash(coalesce(${sql.join([...known.map((column) => sql`${sql.identifier(column)}`), sql`''`], sql`, `)}))`;
  const lists = KINDS.filter((kind) => visitors > 0 && kind !== "rows").map((kind) => {
    const most = `max_by([visitor, n::ubigint], n, ${visitors})`;
    return sql.raw(`, ${most} filter (where k < 8 and k & ${BIT[kind]} > 0) as ${kind}_visitors`);
  });
  const own = name(columns.length);
  return sql`
    select key, ${SUMS}${sql.join(lists)}
    from (
      select ${sql.join([sql`0::bigint`, ...bits], sql` + `)} as key, k,
        case when k < 8 and k & 7 > 0 then ${own} end as visitor, count(*) as n
      from ${rowsOf(source, [...columns, ...(visitors > 0 ? [visitor] : [sql`null::ubigint`])])} group by all)
    group by key`;
}

export function overlapOf(row: ColumnarRow): Overlap {
  return {
    mask: BigInt(String(row.key)),
    tallies: talliesOf(row),
    visitors: mapKinds((kind) => {
      const sums = new Map<string, number>();
      for (const pair of listOf(row[`${kind}_visitors`])) {
        const [visitor, rows] = listOf(pair).map(Number);
        const key = String(visitor);
        sums.set(key, (sums.get(key) ?? 0) + (rows ?? 0));
      }
      return sums;
    }),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function talliesOf(row: ColumnarRow): Tallies {
  return mapKinds((kind) => ({
    now: Number(row[`${kind}${WINDOW}`]),
    slices: Array.from({ length: SLICES }, (_, index) => Number(row[`${kind}${index + 1}`])),
    dayBefore: Number(row[`${kind}${DAY_BEFORE}`]),
  }));
}

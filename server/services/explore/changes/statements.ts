import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import type { ColumnarRow } from "@/server/columnar";
import type { ComparedField } from "./fields";
import type { Span, Spans } from "./spans";
import { before, KINDS, type Kind, mapKinds, SLICES, type Tallies } from "./tally";

/** The rows that are counted. */
export interface Source {
  readonly table: LogTable;
  readonly from: SQL;
  readonly spans: Spans;
  /** Rows with a longer response time are slow; null if the table has none. */
  readonly slowAbove: number | null;
  /** One of so many rows is read. */
  readonly sampling: number;
}

const WINDOW = 0;
const DAY_BEFORE = SLICES + 1;
const LISTED = 40;
const LISTED_BEFORE = 60;
const MIN_ROWS = 5;

/** The period of a row: 0 for the window, 1 and more for the parts of the baseline, then the day before. */
function periodOf({ window, baseline, dayBefore }: Spans): SQL {
  const at = sql`epoch_us(created_at)`;
  const within = ({ start, end }: Span) => sql`${at} >= ${sql.raw(String(start))} and ${at} < ${sql.raw(String(end))}`;
  const length = Math.max(1, baseline.end - baseline.start);
  const slice = sql`1 + (${at} - ${sql.raw(String(baseline.start))}) * ${sql.raw(String(SLICES))} // ${sql.raw(String(length))}`;
  return sql`case
    when ${within(window)} then ${sql.raw(String(WINDOW))}
    when ${within(baseline)} then ${slice}
    ${dayBefore ? sql`when ${within(dayBefore)} then ${sql.raw(String(DAY_BEFORE))}` : sql``} end`;
}

const STATUS = "status_code";
const TIME = "response_time";

/** The columns that every statement reads. */
export function kindColumns(table: LogTable): string[] {
  return table.columns.map(({ name }) => name).filter((name) => name === STATUS || name === TIME);
}

function conditionsOf({ table, slowAbove }: Source): Readonly<Record<Kind, SQL>> {
  const hasStatus = table.columns.some(({ name }) => name === STATUS);
  return {
    rows: sql`true`,
    failed: hasStatus ? sql`coalesce(status_code between 500 and 599, false)` : sql`false`,
    refused: hasStatus ? sql`coalesce(status_code between 400 and 499, false)` : sql`false`,
    slow: slowAbove === null ? sql`false` : sql`coalesce(response_time > ${sql.raw(String(slowAbove))}, false)`,
  };
}

/** The number of rows, and the 95th percentile of response times in the baseline. */
export function slowStatement({ table, from, spans }: Omit<Source, "slowAbove" | "sampling">): SQL {
  const time = table.columns.some(({ name }) => name === TIME) ? sql.identifier(TIME).getSQL() : sql`null::integer`;
  return sql`
    select count(*) as n,
      quantile_disc(response_time, 0.95) filter (where p between 1 and ${sql.raw(String(SLICES))}) as slow_above
    from (select ${time} as response_time, ${periodOf(spans)} as p from ${from}) where p is not null`;
}

/** Rows by `key`, period and kinds. */
function groups(source: Source, key: SQL): SQL {
  const { from, spans, sampling } = source;
  const { failed, refused, slow } = conditionsOf(source);
  const sampled = sampling > 1 ? sql`where hash(created_at) % ${sql.raw(String(sampling))} = 0` : sql``;
  return sql`
    select key, p, failed, refused, slow, count(*) as n
    from (select ${key} as key, ${periodOf(spans)} as p, ${failed} as failed, ${refused} as refused, ${slow} as slow
      from ${from} ${sampled})
    where p is not null
    group by all`;
}

/** Sums of `n` by kind and period, with the names that talliesOf reads. */
const SUMS = sql.raw(
  KINDS.flatMap((kind) =>
    Array.from(
      { length: DAY_BEFORE + 1 },
      (_, period) =>
        `coalesce(sum(n) filter (where p = ${period}${kind === "rows" ? "" : ` and ${kind}`}), 0)::bigint as ${kind}${period}`,
    ),
  ).join(", "),
);

/** Returns the numbers of all rows. */
export function totalStatement(source: Source): SQL {
  return sql`select ${SUMS} from (${groups(source, sql`0`)})`;
}

/** Returns the numbers of the values of a field that have more rows than before, and of those with most rows before. */
export function valuesStatement(source: Source, { field }: ComparedField, value: SQL, all: Tallies): SQL {
  const derived = derivedField(source.table, field);
  if (!derived) return wide(groups(source, value), all);
  // The expression is evaluated once for each value of the column.
  const column = sql.identifier(derived.column).getSQL();
  const counted = sql`select key as ${column}, p, failed, refused, slow, n from (${groups(source, column)})`;
  return wide(sql`select ${value} as key, p, failed, refused, slow, n from (${counted})`, all);
}

function wide(rows: SQL, all: Tallies): SQL {
  const sum = (kind: Kind) => sql.raw(`(${Array.from({ length: SLICES }, (_, i) => `${kind}${i + 1}`).join(" + ")})`);
  const ranks = KINDS.map((kind) => {
    const ratio = all[kind].now / Math.max(1, before(all[kind]));
    const excess = sql`${sql.raw(`${kind}0`)} - ${sum(kind)} * ${sql.raw(ratio.toFixed(9))}::double`;
    return sql`row_number() over (order by ${excess} desc, key) <= ${sql.raw(String(LISTED))}`;
  });
  const old = sql`row_number() over (order by ${sum("rows")} desc, key) <= ${sql.raw(String(LISTED_BEFORE))}`;
  return sql`
    select *, count(*) over () as value_count
    from (select key, ${SUMS} from (${rows}) group by key)
    where rows0 >= ${sql.raw(String(MIN_ROWS))} or ${sum("rows")} >= ${sql.raw(String(MIN_ROWS))}
    qualify ${sql.join([...ranks, old], sql` or `)}`;
}

/** Returns the numbers of rows by the conditions that they meet, as bits. */
export function overlapStatement(source: Source, conditions: readonly SQL[]): SQL {
  const bits = conditions.map(
    (condition, index) => sql`case when ${condition} then ${sql.raw(String(2 ** index))}::bigint else 0 end`,
  );
  return sql`select key, ${SUMS} from (${groups(source, sql.join([sql`0::bigint`, ...bits], sql` + `))}) group by key`;
}

export function talliesOf(row: ColumnarRow): Tallies {
  return mapKinds((kind) => ({
    now: Number(row[`${kind}${WINDOW}`]),
    slices: Array.from({ length: SLICES }, (_, index) => Number(row[`${kind}${index + 1}`])),
    dayBefore: Number(row[`${kind}${DAY_BEFORE}`]),
  }));
}

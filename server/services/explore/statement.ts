import { type SQL, sql } from "drizzle-orm";
import type { Instant } from "@/server/lib/time";
import type { ExploreField } from "./fields";
import { isExact, type MeasureExpression, type Part, SCALE } from "./measures";
import type { Width, Zone } from "./zone";

export interface Question {
  readonly zone: Zone;
  readonly groups: readonly ExploreField[];
  readonly measures: readonly MeasureExpression[];
  readonly width: Width | null;
  readonly order: { readonly measure: number; readonly direction: "asc" | "desc" };
  readonly limit: number;
  /** Set if rows before `start`, by up to `micros`, are counted as those of the previous period. */
  readonly before: { readonly start: Instant; readonly micros: number } | null;
}

const t = sql.raw("t");
const isBefore = sql.raw("is_before");
const groupName = (index: number) => sql.raw(`g${index}`);
const inputName = (index: number) => sql.raw(`x${index}`);
const partName = (index: number, part: number, isOld: boolean) => `${isOld ? "b" : "m"}${index}_${part}`;

/** The groups of a question as a list of columns. */
function groupNames({ groups }: Question): SQL[] {
  return groups.map((_, index) => groupName(index));
}

/** The values of each row as a common table expression `numbers`: time, groups, and inputs of measures. */
function rowsOf(question: Question, from: SQL): SQL {
  const { zone, groups, measures, width, before } = question;
  const created = sql.raw("created_at");
  const shifted = before
    ? sql`(case when created_at < ${before.start}::timestamptz then created_at + to_microseconds(${sql.raw(String(before.micros))}) else created_at end)`
    : created;
  const inputs = measures.map(({ input }, index) =>
    input ? sql`${input(zone)} as ${inputName(index)}` : sql`1 as ${inputName(index)}`,
  );
  const list = [
    before ? sql`created_at < ${before.start}::timestamptz as is_before` : sql`false as is_before`,
    width ? sql`${zone.bucket(shifted, width)} as t` : sql`0 as t`,
    ...groups.map((group, index) => sql`${group.value(zone)} as ${groupName(index)}`),
    ...inputs,
  ];
  const converted = measures.flatMap(({ kind }, index) => {
    const name = inputName(index);
    if (kind !== "decimal") return [sql`${name}`];
    const exact = sql`case when ${isExact(name)} then cast(${name} as decimal(38, ${sql.raw(String(SCALE))})) end`;
    return [
      sql`${exact} as ${name}`,
      sql`${name} is not null and not ${isExact(name)} as ${sql.raw(`inexact${index}`)}`,
    ];
  });
  return sql`
    source as (select ${sql.join(list, sql`, `)} from ${from}),
    numbers as (
      select ${sql.join([isBefore, t, ...groupNames(question), ...converted], sql`, `)}
      from source
    )`;
}

/** The parts of all measures, for both periods, and the number of rows of both. */
function aggregates(question: Question): SQL[] {
  const now = question.before ? sql`not is_before` : sql`true`;
  const periods = question.before ? [false, true] : [false];
  const parts = question.measures.flatMap(({ parts: partsOf }, index) =>
    periods.flatMap((isOld) =>
      partsOf(inputName(index), isOld ? isBefore : now).map(
        (part, number) => sql`cast(${part} as varchar) as ${sql.raw(partName(index, number, isOld))}`,
      ),
    ),
  );
  const inexact = question.measures.flatMap(({ kind }, index) => {
    const name = sql.raw(`inexact${index}`);
    return kind === "decimal" ? [sql`count(*) filter (where ${name}) as ${name}`] : [];
  });
  return [sql`count(*) filter (where ${now}) as n`, sql`count(*) as n_both`, ...parts, ...inexact];
}

/** The first groups in their order, and the row of all, whose `s` is not 0. */
export function groupsStatement(question: Question, from: SQL): SQL {
  const names = groupNames(question);
  const list = aggregates(question);
  const rows = rowsOf(question, from);
  if (names.length === 0)
    return sql`with ${rows} select 1 as s, 0 as place, 0 as group_count, ${sql.join(list, sql`, `)} from numbers`;
  const { measure, direction } = question.order;
  const ranked = question.measures[measure];
  const now = question.before ? sql`not is_before` : sql`true`;
  const rank = ranked ? ranked.rank(inputName(measure), now) : sql`0`;
  const order = sql.join(
    [sql`r ${sql.raw(direction)} nulls last`, ...names.map((name) => sql`${name} asc nulls last`)],
    sql`, `,
  );
  return sql`
    with ${rows},
    grouped as (
      select grouping(${names[0]}) as s, ${sql.join(names, sql`, `)}, ${rank} as r, ${sql.join(list, sql`, `)}
      from numbers
      group by grouping sets ((${sql.join(names, sql`, `)}), ())
    ),
    placed as (
      select
        * exclude (r),
        row_number() over (partition by s order by ${order}) as place,
        count(*) over (partition by s) as group_count
      from grouped
      where s <> 0 or n > 0
    )
    select * from placed where s <> 0 or place <= ${sql.raw(String(question.limit))} order by s, place`;
}

/** A group as it is in a result, by the index of its fields. */
export type GroupKey = readonly (string | number | boolean | null)[];

/**
 * The measures of listed groups and of the others: those of the whole period if `isWhole`, and with an interval those of
 * each bucket. `k` is the place in the list from 0, or null for the others; `t` is null for the whole period.
 */
export function detailStatement(question: Question, from: SQL, listed: readonly GroupKey[], isWhole: boolean): SQL {
  const names = groupNames(question);
  const rows = rowsOf(question, from);
  const sets = [...(question.width ? [sql`(t, k)`] : []), ...(isWhole ? [sql`(k)`] : [])];
  const keyed =
    names.length === 0 || listed.length === 0
      ? sql`select ${names.length === 0 ? sql`0` : sql`null::integer`} as k, * from numbers`
      : sql`
        select listed.k, numbers.*
        from numbers left join (values ${sql.join(
          listed.map(
            (key, index) => sql`(${sql.join([sql.raw(String(index)), ...keyValues(question, key)], sql`, `)})`,
          ),
          sql`, `,
        )}) as listed (k, ${sql.join(
          names.map((_, index) => sql.raw(`l${index}`)),
          sql`, `,
        )})
          on ${sql.join(
            names.map((name, index) => sql`numbers.${name} is not distinct from listed.${sql.raw(`l${index}`)}`),
            sql` and `,
          )}`;
  const whole = question.width ? sql`grouping(t)` : sql`1`;
  return sql`
    with ${rows},
    keyed as (${keyed})
    select ${question.width ? sql`t` : sql`null as t`}, k, ${whole} as is_whole, ${sql.join(aggregates(question), sql`, `)}
    from keyed
    group by grouping sets (${sql.join(sets, sql`, `)})
    order by t nulls last, k nulls last`;
}

function keyValues({ groups }: Question, key: GroupKey): SQL[] {
  return key.map((value, index) =>
    groups[index]?.type === "number" ? sql`cast(${value} as bigint)` : sql`cast(${value} as varchar)`,
  );
}

/** Reads the parts of the measures of a row. */
export function partsOf(
  { measures }: Question,
  row: Readonly<Record<string, unknown>>,
  isOld: boolean,
): readonly (readonly Part[])[] {
  return measures.map((_, index) => {
    const parts: Part[] = [];
    for (let number = 0; partName(index, number, isOld) in row; number++) {
      const part = row[partName(index, number, isOld)];
      parts.push(part === null || part === undefined ? null : String(part));
    }
    return parts;
  });
}

/** The index of a measure with values that are too long to be added exactly. */
export function inexactIn({ measures }: Question, row: Readonly<Record<string, unknown>>): number {
  return measures.findIndex((_, index) => Number(row[`inexact${index}`] ?? 0) > 0);
}

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
/** The index of the first measure of the same values, so that these are computed once. */
function inputIndex({ measures }: Question, index: number): number {
  const key = measures[index]?.inputKey;
  return key === undefined ? index : measures.findIndex(({ inputKey }) => inputKey === key);
}

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
  const own = measures.map((_, index) => index).filter((index) => inputIndex(question, index) === index);
  const inputs = own.map((index) => sql`${measures[index]?.input?.(zone) ?? sql`1`} as ${inputName(index)}`);
  const list = [
    before ? sql`created_at < ${before.start}::timestamptz as is_before` : sql`false as is_before`,
    width ? sql`${zone.bucket(shifted, width)} as t` : sql`0 as t`,
    ...groups.map((group, index) => sql`${group.value(zone)} as ${groupName(index)}`),
    ...inputs,
  ];
  const converted = own.flatMap((index) => {
    const name = inputName(index);
    if (measures[index]?.kind !== "decimal") return [sql`${name}`];
    const exact = sql`case when ${isExact(name)} then cast(${name} as decimal(38, ${sql.raw(String(SCALE))})) end`;
    return [
      sql`${exact} as ${name}`,
      sql`${name} is not null and not ${isExact(name)} as ${sql.raw(`inexact${index}`)}`,
    ];
  });
  // DuckDB would copy all rows of an expression that is read twice to memory.
  return sql`
    source as not materialized (select ${sql.join(list, sql`, `)} from ${from}),
    numbers as not materialized (
      select ${sql.join([isBefore, t, ...groupNames(question), ...converted], sql`, `)}
      from source
    )`;
}

interface Aggregate {
  readonly name: string;
  readonly value: SQL;
  /** Combines the values of groups to that of all rows. */
  readonly combined: "sum" | "min" | "max" | undefined;
}

/** The parts of all measures, for both periods, and the number of rows of both. */
function aggregates(question: Question): Aggregate[] {
  const now = question.before ? sql`not is_before` : undefined;
  const periods = question.before ? [false, true] : [false];
  const parts = question.measures.flatMap(({ parts: partsOf, combined }, index) =>
    periods.flatMap((isOld) =>
      partsOf(inputName(inputIndex(question, index)), isOld ? isBefore : now).map((value, number) => ({
        name: partName(index, number, isOld),
        value,
        combined,
      })),
    ),
  );
  const inexact = question.measures.flatMap(({ kind }, index) => {
    const name = `inexact${index}`;
    const value = sql`count(*) filter (where ${sql.raw(name)})`;
    return kind === "decimal" && inputIndex(question, index) === index
      ? [{ name, value, combined: "sum" as const }]
      : [];
  });
  return [
    { name: "n", value: now ? sql`count(*) filter (where ${now})` : sql`count(*)`, combined: "sum" },
    { name: "n_both", value: sql`count(*)`, combined: "sum" },
    ...parts,
    ...inexact,
  ];
}

function areCombined(list: readonly Aggregate[]): boolean {
  return list.every(({ combined }) => combined !== undefined);
}

/** The aggregates of all rows from those of groups. */
function combined(list: readonly Aggregate[]): Pick<Aggregate, "name" | "value">[] {
  return list.map(({ name, combined = "sum" }) => ({ name, value: sql`${sql.raw(combined)}(${sql.raw(name)})` }));
}

/** Values as text, because numbers of a result have less precision. */
function asText(list: readonly Pick<Aggregate, "name" | "value">[]): SQL {
  return sql.join(
    list.map(({ name, value }) => sql`cast(${value} as varchar) as ${sql.raw(name)}`),
    sql`, `,
  );
}

/** The first groups in their order, and the row of all, whose `s` is not 0. */
export function groupsStatement(question: Question, from: SQL): SQL {
  const names = groupNames(question);
  const list = aggregates(question);
  const rows = rowsOf(question, from);
  if (names.length === 0)
    return sql`with ${rows} select 1 as s, 0 as place, 0 as group_count, ${asText(list)} from numbers`;
  const { measure, direction } = question.order;
  const ranked = question.measures[measure];
  const now = question.before ? sql`not is_before` : undefined;
  const rank = ranked ? ranked.rank(inputName(inputIndex(question, measure)), now) : sql`0`;
  const order = [sql`r ${sql.raw(direction)} nulls last`, ...names.map((name) => sql`${name} asc nulls last`)];
  const values = list.map(({ name, value }) => sql`${value} as ${sql.raw(name)}`);
  const grouped = list.map(({ name }) => ({ name, value: sql.raw(name) }));
  // Windows and grouping sets would need memory and time for all groups, of which there can be millions.
  return sql`
    with ${rows},
    grouped as materialized (
      select ${sql.join([...names, sql`${rank} as r`, ...values], sql`, `)}
      from numbers
      group by ${sql.join(names, sql`, `)}
    ),
    listed as (
      select *, row_number() over (order by ${sql.join(order, sql`, `)}) as place
      from (
        select * from grouped where n > 0 order by ${sql.join(order, sql`, `)} limit ${sql.raw(String(question.limit))}
      )
    ),
    counted as (select count(*) filter (where n > 0) as group_count from grouped),
    total as (${areCombined(list) ? sql`select ${asText(combined(list))} from grouped` : sql`select ${asText(list)} from numbers`})
    select 1 as s, 0 as place, group_count, ${sql.join(
      names.map((name) => sql`null as ${name}`),
      sql`, `,
    )}, total.*
    from counted, total
    union all
    select 0, place, 0, ${sql.join(names, sql`, `)}, ${asText(grouped)} from listed
    order by s, place`;
}

/** A group as it is in a result, by the index of its fields. */
export type GroupKey = readonly (string | number | boolean | null)[];

/** With more groups, those of all buckets could be as many as rows. */
const MAX_GROUPS_OF_BUCKETS = 10_000;

/**
 * The measures of listed groups and of the others: those of the whole period if `isWhole`, and with an interval those of
 * each bucket. `k` is the place in the list from 0, or null for the others; `t` is null for the whole period.
 * @param groupCount the number of all groups
 */
export function detailStatement(
  question: Question,
  from: SQL,
  listed: readonly GroupKey[],
  { isWhole, groupCount }: { readonly isWhole: boolean; readonly groupCount: number },
): SQL {
  const names = groupNames(question);
  const list = aggregates(question);
  const isPrepared = areCombined(list) && groupCount <= MAX_GROUPS_OF_BUCKETS;
  const values = list.map(({ name, value }) => sql`${value} as ${sql.raw(name)}`);
  const keys = sql.join([t, ...names], sql`, `);
  // Comparing every row with the listed groups takes longer than grouping them all.
  const source = isPrepared
    ? sql`(select ${keys}, ${sql.join(values, sql`, `)} from numbers group by ${keys})`
    : sql`numbers`;
  const sets = [...(question.width ? [sql`(t, k)`] : []), ...(isWhole ? [sql`(k)`] : [])];
  const keyed =
    names.length === 0 || listed.length === 0
      ? sql`select ${names.length === 0 ? sql`0` : sql`null::integer`} as k, found.* from ${source} as found`
      : sql`
        select listed.k, found.*
        from ${source} as found left join (values ${sql.join(
          listed.map(
            (key, index) => sql`(${sql.join([sql.raw(String(index)), ...keyValues(question, key)], sql`, `)})`,
          ),
          sql`, `,
        )}) as listed (k, ${sql.join(
          names.map((_, index) => sql.raw(`l${index}`)),
          sql`, `,
        )})
          on ${sql.join(
            names.map((name, index) => sql`found.${name} is not distinct from listed.${sql.raw(`l${index}`)}`),
            sql` and `,
          )}`;
  const whole = question.width ? sql`grouping(t)` : sql`1`;
  // The measures of listed groups in the whole period are known.
  const onlyOthers = question.width ? sql`` : sql`where k is null`;
  return sql`
    with ${rowsOf(question, from)},
    keyed as (${keyed})
    select ${question.width ? sql`t` : sql`null as t`}, k, ${whole} as is_whole,
      ${asText(isPrepared ? combined(list) : list)}
    from keyed ${onlyOthers}
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

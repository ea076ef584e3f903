import { type SQL, sql } from "drizzle-orm";
import { inDialects, notMaterialized } from "@/server/columnar";
import type { Instant } from "@/server/lib/time";
import type { ExploreQuery } from "./contract";
import type { ExploreField } from "./fields";
import { exactNumber, isExact, type MeasureExpression, type Part } from "./measures";
import type { Width, Zone } from "./zone";

export interface Question {
  readonly zone: Zone;
  readonly groups: readonly ExploreField[];
  readonly measures: readonly MeasureExpression[];
  readonly width: Width | null;
  readonly order: ExploreQuery["order_by"];
  readonly limit: number;
  /** Set if rows before `start`, by up to `micros`, are counted as those of the previous period. */
  readonly before: { readonly start: Instant; readonly micros: number } | null;
}

export const t = sql.raw("t");
export const isBefore = sql.raw("is_before");
const groupName = (index: number) => sql.raw(`g${index}`);

export const inputName = (index: number) => sql.raw(`x${index}`);
/** The index of the first measure of the same values, so that these are computed once. */
export function inputIndex({ measures }: Question, index: number): number {
  const key = measures[index]?.inputKey;
  return key === undefined ? index : measures.findIndex(({ inputKey }) => inputKey === key);
}

export const partName = (index: number, part: number, isOld: boolean) => `${isOld ? "b" : "m"}${index}_${part}`;

/** The groups of a question as a list of columns. */
export function groupNames({ groups }: Question): SQL[] {
  return groups.map((_, index) => groupName(index));
}

/** The values of each row as a common table expression `numbers`: time, groups, and inputs of measures. */
export function rowsOf(question: Question, from: SQL): SQL {
  const { zone, groups, measures, width, before } = question;
  const created = sql.raw("created_at");
  const shifted = before
    ? sql`(case when created_at < ${before.start}::timestamptz then ${laterBy(created, before.micros)} else created_at end)`
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
    return [
      sql`${exactNumber(name)} as ${name}`,
      sql`${name} is not null and not ${isExact(name)} as ${sql.raw(`inexact${index}`)}`,
    ];
  });
  // DuckDB would copy all rows of an expression that is read twice to memory.
  return sql`
    source as ${notMaterialized} (select ${sql.join(list, sql`, `)} from ${from}),
    numbers as ${notMaterialized} (
      select ${sql.join([isBefore, t, ...groupNames(question), ...converted], sql`, `)}
      from source
    )`;
}

function laterBy(time: SQL, micros: number): SQL {
  const number = sql.raw(String(micros));
  return inDialects(sql`${time} + to_microseconds(${number})`, sql`addMicroseconds(${time}, ${number})`);
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

import { type SQL, sql } from "drizzle-orm";
import { inputIndex, inputName, isBefore, partName, type Question } from "./question";

export interface Aggregate {
  readonly name: string;
  readonly value: SQL;
  /** Combines the values of groups to that of all rows. */
  readonly combined: "sum" | "min" | "max" | undefined;
  /** The value from counted values (`weighed`); undefined if there is none. */
  readonly ofCounts: SQL | undefined;
}

/** The parts of all measures, for both periods, and the number of rows of both. */
export function aggregates(question: Question): Aggregate[] {
  const now = question.before ? sql`not is_before` : undefined;
  const periods = question.before ? [false, true] : [false];
  const parts = question.measures.flatMap(({ parts: partsOf, combined, percent }, index) => {
    const input = inputName(inputIndex(question, index));
    return periods.flatMap((isOld) => {
      const condition = isOld ? isBefore : now;
      return partsOf(input, condition).map((value, number) => {
        const name = partName(index, number, isOld);
        return { name, value, combined, ofCounts: percent ? lowest(input, percent, condition) : undefined };
      });
    });
  });
  const inexact = question.measures.flatMap(({ kind }, index) =>
    kind === "decimal" && inputIndex(question, index) === index
      ? [summed(`inexact${index}`, sql`count(*) filter (where ${sql.raw(`inexact${index}`)})`)]
      : [],
  );
  return [
    summed("n", now ? sql`count(*) filter (where ${now})` : sql`count(*)`),
    summed("n_both", sql`count(*)`),
    ...parts,
    ...inexact,
  ];
}

function summed(name: string, value: SQL): Aggregate {
  return { name, value, combined: "sum", ofCounts: undefined };
}

/** The smallest of the counted values that are at least `percent` of all, which is the nearest rank. */
function lowest(input: SQL, percent: number, condition: SQL | undefined): SQL {
  const isReached = sql`reached * 100 >= valued * ${sql.raw(String(percent))}`;
  return sql`min(${input}) filter (where ${condition ? sql`${condition} and ${isReached}` : isReached})`;
}

export function areCombined(list: readonly Aggregate[]): boolean {
  return list.every(({ combined }) => combined !== undefined);
}

export type NamedValue = Pick<Aggregate, "name" | "value">;

/** The aggregates of all rows from those of groups, or from counted values. */
export function combined(list: readonly Aggregate[]): NamedValue[] {
  return list.map(({ name, combined = "sum", ofCounts }) => ({
    name,
    value: ofCounts ?? sql`${sql.raw(combined)}(${sql.raw(name)})`,
  }));
}

/** The change of a value as a share of what it was; null without one, as after nothing. */
export function changeOf(now: SQL, before: SQL): SQL {
  return sql`(cast(${now} as double) - cast(${before} as double)) / nullif(abs(cast(${before} as double)), 0)`;
}

/** Values as text, because numbers of a result have less precision. */
export function asText(list: readonly NamedValue[]): SQL {
  return sql.join(
    list.map(({ name, value }) => sql`cast(${value} as varchar) as ${sql.raw(name)}`),
    sql`, `,
  );
}

export function named(list: readonly NamedValue[]): SQL {
  return sql.join(
    list.map(({ name, value }) => sql`${value} as ${sql.raw(name)}`),
    sql`, `,
  );
}

import { type SQL, sql } from "drizzle-orm";

/** A table with several groupings of the same rows, computed in one scan. */
export interface Grouped {
  readonly statement: SQL;
  /** The groups of the grouping by `keys`, as a FROM item. */
  by(...keys: string[]): SQL;
}

/**
 * Aggregates `source` by each of `groupings` in one scan (GROUPING SETS, hashed) into a temporary table that is dropped
 * on commit.
 * @param keys the grouping columns, in any order
 */
export function groupOnce(options: {
  table: string;
  source: SQL;
  groupings: readonly (readonly string[])[];
  sums: SQL;
}): Grouped {
  const { table, source, groupings, sums } = options;
  const keys = [...new Set(groupings.flat())];
  const list = (names: readonly string[]) =>
    sql.join(
      names.map((name) => sql.identifier(name)),
      sql`, `,
    );
  const sets = sql.join(
    groupings.map((names) => sql`(${list(names)})`),
    sql`, `,
  );
  return {
    statement: sql`
      create temporary table ${sql.identifier(table)} on commit drop as
      select grouping(${list(keys)}) as grouping_id, ${list(keys)}, ${sums}
      from ${source}
      group by grouping sets (${sets})`,
    by: (...names) => {
      // GROUPING returns one bit per key, the last one lowest, set when the key is not grouped by.
      const id = keys.reduce((bits, key) => bits * 2 + (names.includes(key) ? 0 : 1), 0);
      return sql`(select * from ${sql.identifier(table)} where grouping_id = ${id}) as groups`;
    },
  };
}

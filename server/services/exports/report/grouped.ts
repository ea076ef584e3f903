import { type SQL, sql } from "drizzle-orm";

/** A table with the sums of several groupings of the same rows, made in one scan. */
export interface Grouped {
  readonly statement: SQL;
  /** The groups of the grouping by `keys`, as something to select from. */
  by(...keys: string[]): SQL;
}

/**
 * Sums `source` by each of `groupings` in one scan (GROUPING SETS, hashed), into a temporary table that ends with the
 * transaction.
 * @param keys the columns that are grouped by, in any order
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
      // GROUPING's number has a bit for each key, the last the lowest, set where the key is not grouped by.
      const id = keys.reduce((bits, key) => bits * 2 + (names.includes(key) ? 0 : 1), 0);
      return sql`(select * from ${sql.identifier(table)} where grouping_id = ${id}) as groups`;
    },
  };
}

import { type Column, type LogTableName, logTableList } from "@/server/catalog";
import type { Row } from "../batch";

/**
 * The statements on the intake's hot path. `copy` fails if any row exists. `skipping` skips existing rows; its
 * parameters are one array per column, unnested in the select list, which avoids the tuplestore per array of `FROM
 * unnest(…, …)`. docs/decisions/0003 contains measurements. `copy` and `tagging` (otherwise equal to `skipping`) take
 * each row's import after its columns; `tagging` returns the number of new rows by import.
 */
export const INSERT_STATEMENTS = Object.fromEntries(
  logTableList.map(({ name, tableName, columns }) => {
    const names = columns.map((column) => column.name).join(", ");
    const target = `${tableName} (${names}, import_id)`;
    const arrays = columns.map((column, index) => `unnest($${index + 1}::${column.type}[])`).join(", ");
    return [
      name,
      {
        copy: `copy ${target} from stdin`,
        tagging: `
          with fresh as (
            insert into ${target} select ${arrays}, unnest($${columns.length + 1}::integer[])
            on conflict do nothing
            returning import_id
          )
          select import_id, count(*)::int as rows from fresh group by import_id`,
        skipping: `insert into ${tableName} (${names}) select ${arrays} on conflict do nothing`,
      },
    ];
  }),
) as Record<LogTableName, { readonly copy: string; readonly skipping: string; readonly tagging: string }>;

const NEEDS_ESCAPE = /["\\]/;
const ESCAPED = /["\\]/g;

/**
 * Serializes rows as one PostgreSQL array literal per column, the parameters of `skipping`. Uses join instead of
 * concatenation, which would spend most of a worker's time in garbage collection.
 */
export function arrayLiterals(columns: readonly Column[], rows: readonly Row[]): string[] {
  return columns.map(({ type }, index) => {
    const isText = type === "text" || type === "jsonb";
    let hasNull = false;
    const values = rows.map((row) => {
      const value = row[index];
      if (value === null || value === undefined) {
        hasNull = true;
        return "NULL";
      }
      return isText && NEEDS_ESCAPE.test(value) ? value.replace(ESCAPED, "\\$&") : value;
    });
    if (!isText) return `{${values.join(",")}}`;
    if (!hasNull) return `{"${values.join('","')}"}`;
    return `{${rows.map((row, at) => (row[index] === null ? "NULL" : `"${values[at]}"`)).join(",")}}`;
  });
}

import { type Column, type LogTableName, logTableList } from "@/server/catalog";
import type { Row } from "./types";

/**
 * The hot statements: one array parameter a column, unnested side by side in the select list, which needs no
 * tuplestore for each array as `FROM unnest(…, …)` does. `plain` fails where a row is there already,
 * `skipping` leaves it out and costs an eighth more. docs/decisions/0003 has the measurements.
 */
export const INSERT_STATEMENTS = Object.fromEntries(
  logTableList.map(({ name, tableName, columns }) => {
    const plain = insertStatement(tableName, columns);
    return [name, { plain, skipping: `${plain} on conflict do nothing` }];
  }),
) as Record<LogTableName, { readonly plain: string; readonly skipping: string }>;

function insertStatement(tableName: string, columns: readonly Column[]): string {
  const names = columns.map((column) => column.name).join(", ");
  const arrays = columns.map((column, index) => `unnest($${index + 1}::${column.type}[])`).join(", ");
  return `insert into ${tableName} (${names}) select ${arrays}`;
}

const NEEDS_ESCAPE = /["\\]/;
const ESCAPED = /["\\]/g;

/**
 * Rows as one PostgreSQL array literal a column, the parameters of the statement above. Joined rather than
 * added up: a worker's time goes to the garbage collector, and a joined text leaves none behind.
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

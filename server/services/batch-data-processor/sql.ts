import { type Column, type LogTableName, logTableList } from "@/server/catalog";
import type { Row } from "./types";

/**
 * The hot statement: one array parameter a column, unnested. Measured against the alternatives in
 * docs/decisions/0003: multi-row VALUES, json_to_recordset and COPY into a temporary table are all slower.
 */
export const INSERT_STATEMENTS = Object.fromEntries(
  logTableList.map(({ name, tableName, columns }) => [name, insertStatement(tableName, columns)]),
) as Record<LogTableName, string>;

function insertStatement(tableName: string, columns: readonly Column[]): string {
  const names = columns.map((column) => column.name).join(", ");
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(", ");
  return `
    insert into ${tableName} (${names})
    select ${names}
    from unnest(${arrays}) as event (${names})
    on conflict do nothing`;
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

import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { ExportParams } from "./contract";
import type { SheetPlan, SheetSource } from "./export-plan";
import { EXPORT_FORMATS } from "./formats";

/** Plans a sheet of a file in a format. */
export function planSheet(source: SheetSource, format: ExportParams["format"], timeZone: string): SheetPlan {
  const { title, columns, from, order } = source;
  const sheet = { timeZone, isOnly: columns.length === 1 };
  const expressions = columns.map(
    (column) => sql`${EXPORT_FORMATS[format].expression(column, sheet)} as ${sql.identifier(column.name)}`,
  );
  const query = sql`select ${sql.join(expressions, sql`, `)} from ${from} order by ${order}`;
  return { title, columns, query: statementText(query) };
}

const dialect = new PgDialect();

/** The statement with literal values, because COPY and DECLARE CURSOR take no parameters. */
export function statementText(statement: SQL): string {
  return dialect.sqlToQuery(statement.inlineParams()).sql;
}

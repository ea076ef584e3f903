import { type SQL, sql } from "drizzle-orm";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import type { Config } from "@/server/process/config";
import type { LogFilters } from "@/server/services/logs/contract";
import type { ExportColumn } from "../columns";
import type { ExportPlan } from "../export-plan";
import { EXPORT_FORMATS } from "../formats";
import { archivedTable, columnsOf, rowLimit, rowsOf } from "../plan";
import { statementText } from "../sheet-query";

export interface CombinedExport {
  readonly format: "csv" | "ndjson";
  readonly bom: boolean;
  /** Applied to each table. */
  readonly query: LogFilters;
}

/** The temporary table for the archived rows of a log table, and the COPY that fills it. */
export interface ArchivedCopy {
  readonly table: LogTableName;
  readonly create: string;
  readonly copy: string;
}

const TABLE: ExportColumn = { name: "table", kind: "code" };

/**
 * Plans a file with the matching rows of all log tables: a column `table`, then every column that one of them has, by
 * time, table and id.
 * @throws AppError UNPROCESSABLE for a filter or time that is invalid for one of the tables
 */
export function planCombined(
  config: Config,
  { format, bom, query }: CombinedExport,
): ExportPlan & { readonly archived: readonly ArchivedCopy[] } {
  const columns = columnsOfAll();
  const archived: ArchivedCopy[] = [];
  const selects = LOG_TABLE_NAMES.map((name) => {
    const { tableName } = logTables[name];
    const stored = query.include_archived ? archivedTable(name, `archived_${tableName}`) : undefined;
    if (stored) archived.push({ table: name, create: statementText(stored.create), copy: statementText(stored.copy) });
    return selectOf(name, columns, rowsOf(config, name, query, stored?.union), { format, timeZone: config.timeZone });
  });
  const names = [TABLE, ...columns].map(({ name }) => sql.identifier(name));
  const all = sql`
    select ${sql.join(names, sql`, `)}
    from (${sql.join(selects, sql` union all `)}) as every
    order by sorted_at, "table", sorted_id`;
  return {
    kind: "rows",
    format,
    bom,
    compress: "none",
    chunkSize: config.exportChunkSize,
    tables: LOG_TABLE_NAMES.map((name) => logTables[name].tableName),
    statements: [],
    copyArchived: null,
    archived,
    sheets: [{ title: "timeline", columns: [TABLE, ...columns], query: statementText(all) }],
    unfinished: null,
    limit: rowLimit(config, { format, max_rows: undefined }),
  };
}

function columnsOfAll(): ExportColumn[] {
  const all = LOG_TABLE_NAMES.flatMap((name) => columnsOf(name, undefined));
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

function selectOf(
  name: LogTableName,
  columns: readonly ExportColumn[],
  from: SQL,
  { format, timeZone }: { format: CombinedExport["format"]; timeZone: string },
): SQL {
  const own = columnsOf(name, undefined);
  const table = sql.identifier(logTables[name].tableName);
  const values = columns.map((column) => {
    const found = own.find((other) => other.name === column.name);
    const value = found ? EXPORT_FORMATS[format].expression(found, { timeZone, isOnly: false }) : sql`null`;
    return sql`${value} as ${sql.identifier(column.name)}`;
  });
  return sql`
    select ${name}::text as "table", ${sql.join(values, sql`, `)},
      ${table}.created_at as sorted_at, ${table}.id as sorted_id
    from ${from}`;
}

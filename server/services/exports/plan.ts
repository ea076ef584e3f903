import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables, LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import { EXPORT_CHOICES } from "@/server/catalog/export-formats";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Config } from "@/server/process/config";
import { filterConditions } from "@/server/services/logs";
import type { LogFilters } from "@/server/services/logs/contract";
import { type ExportColumn, headerOf, KIND_OF_TYPE } from "./columns";
import type { ExportParams } from "./contract";
import type { ExportPlan, SheetPlan, SheetSource, UnfinishedSheet } from "./export-plan";
import { findStatement } from "./json-columns/find-members";
import { membersToFind } from "./json-columns/json-columns";
import { labelColumns } from "./label-columns";
import { reportSheets, reportStatements } from "./report";
import { planSheet, statementText } from "./sheet-query";

type LimitConfig = Pick<Config, "maxExportRows" | "maxExportRowsColumnar">;
type PlanConfig = Pick<Config, "timeZone" | "exportChunkSize"> & LimitConfig;

/**
 * Validates an export request and builds its statements.
 * @throws AppError UNPROCESSABLE that names each invalid field
 */
export function planExport(config: PlanConfig, params: ExportParams): ExportPlan {
  const shared = {
    format: params.format,
    compress: params.compress,
    bom: params.bom,
    chunkSize: config.exportChunkSize,
  };
  const toSheet = (source: SheetSource): SheetPlan => planSheet(source, params.format, config.timeZone);
  if (params.export_type === "statistics") {
    checkReport(params);
    return {
      ...shared,
      kind: "report",
      tables: LOG_TABLE_NAMES.map((name) => logTables[name].tableName),
      copyArchived: null,
      statements: reportStatements(params, config.timeZone).map(statementText),
      sheets: reportSheets(params, config.timeZone).map(toSheet),
      unfinished: null,
      limit: null,
    };
  }
  checkHeaders(params);
  const { tableName } = logTables[params.export_type];
  const table = sql.identifier(tableName);
  const archived = params.include_archived ? archivedTable(params.export_type) : undefined;
  const source = {
    title: params.export_type,
    columns: labelColumns(columnsOf(params.export_type, params.columns), params.headers),
    from: rowsOf(config, params.export_type, params, archived?.union),
    // Qualified: the bare name would refer to the output column, which has no index.
    order: sql`${table}.created_at, ${table}.id`,
  };
  return {
    ...shared,
    kind: "rows",
    tables: [tableName],
    statements: archived ? [statementText(archived.create)] : [],
    copyArchived: archived ? statementText(archived.copy) : null,
    sheets: [toSheet(source)],
    unfinished: unfinishedSheet(config, params, source),
    limit: rowLimit(config, params),
  };
}

function unfinishedSheet(config: PlanConfig, params: ExportParams, source: SheetSource): UnfinishedSheet | null {
  const wanted = membersToFind(params);
  if (wanted === undefined || params.export_type === "statistics") return null;
  // Also those that are not chosen, whose names would mislead.
  const all = labelColumns(columnsOf(params.export_type, undefined), params.headers);
  return {
    wanted,
    find: statementText(findStatement(wanted, sql`select * from ${source.from}`)),
    columns: source.columns,
    taken: all.flatMap((column) => [column.name, headerOf(column)]),
    title: source.title,
    from: statementText(source.from),
    order: statementText(source.order),
    timeZone: config.timeZone,
  };
}

/** The row limit of an export: MAX_EXPORT_ROWS or MAX_EXPORT_ROWS_COLUMNAR, or `max_rows` if lower. */
export function rowLimit(config: LimitConfig, { format, max_rows }: Pick<ExportParams, "format" | "max_rows">): number {
  const limit = EXPORT_CHOICES[format].isColumnar ? config.maxExportRowsColumnar : config.maxExportRows;
  return Math.min(limit, max_rows ?? limit);
}

/**
 * `TABLE where …` of the requested rows.
 * @param source the table with further rows, under its name
 * @throws AppError UNPROCESSABLE for an invalid filter or time
 */
export function rowsOf(
  config: Pick<Config, "timeZone">,
  name: BrowsedTableName,
  params: LogFilters,
  source: SQLWrapper = sql.identifier(browsedTables[name].tableName),
): SQL {
  const table = browsedTables[name];
  const conditions = filterConditions(table, params, config.timeZone);
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  return sql`${source} ${where}`;
}

/** A temporary table for archived rows, and its union with the log table, which the same conditions restrict. */
export function archivedTable(name: LogTableName, temporary = "archived_rows") {
  const table = sql.identifier(logTables[name].tableName);
  const archived = sql.identifier(temporary);
  const columns = sql.join(
    logTables[name].columns.map((column) => sql.identifier(column.name)),
    sql`, `,
  );
  return {
    create: sql`create temporary table ${archived} on commit drop as select ${columns} from ${table} with no data`,
    copy: sql`copy ${archived} (${columns}) from stdin (format csv, encoding 'UTF8')`,
    union: sql`(select ${columns} from ${table} union all select ${columns} from ${archived}) as ${table}`,
  };
}

/** All matching rows of a table as CSV. @throws AppError UNPROCESSABLE for an invalid filter or time */
export function csvSheet(config: Pick<Config, "timeZone">, name: BrowsedTableName, filters: LogFilters): SheetPlan {
  const columns = columnsOf(name, undefined);
  const table = sql.identifier(browsedTables[name].tableName);
  const order = sql`${table}.created_at, ${table}.id`;
  const source = { title: name, columns, from: rowsOf(config, name, filters), order };
  return planSheet(source, "csv", config.timeZone);
}

export function columnsOf(name: BrowsedTableName, requested: readonly string[] | undefined): ExportColumn[] {
  const all = browsedTables[name].columns.map((column) => ({ name: column.name, kind: KIND_OF_TYPE[column.type] }));
  if (requested === undefined) return all;
  const known = all.map((column) => column.name);
  const errors = requested.flatMap((column, index) => {
    const path = `columns.${index}`;
    if (!known.includes(column)) return [fieldError(path, "input.unknown_column", { known: known.join(", ") })];
    return requested.indexOf(column) === index ? [] : [fieldError(path, "input.named_twice", {})];
  });
  if (errors.length > 0) throw invalidInput(errors);
  return requested.flatMap((column) => all.filter((known) => known.name === column));
}

function checkReport(params: ExportParams): void {
  const errors = [
    ...(EXPORT_CHOICES[params.format].hasReport ? [] : [fieldError("format", "input.not_for_report", {})]),
    ...(Object.keys(params.filters).length > 0 ? [fieldError("filters", "input.not_for_report", {})] : []),
    ...(params.include_archived ? [fieldError("include_archived", "input.not_for_report", {})] : []),
    ...(["columns", "json_columns", "headers"] as const).flatMap((name) =>
      params[name] === undefined ? [] : [fieldError(name, "input.not_for_report", {})],
    ),
    ...(!EXPORT_CHOICES[params.format].hasSheets && params.compress === "gzip"
      ? [fieldError("compress", "input.report_is_zip", {})]
      : []),
  ];
  if (errors.length > 0) throw invalidInput(errors);
}

function checkHeaders({ format, headers = "names" }: ExportParams): void {
  if (headers === "names" || EXPORT_CHOICES[format].hasHeader) return;
  throw invalidInput([fieldError("headers", "input.no_header", { format })]);
}

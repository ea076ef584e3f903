import { sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { archivedRowBytes, countUpTo, isTimeout, readingOf, readWithin } from "@/server/services/logs";
import type { LogFilters } from "@/server/services/logs/contract";
import type { ExportColumn } from "./columns";
import type { ExportParams, ExportPreview } from "./contract";
import type { UnfinishedSheet } from "./export-plan";
import { EXPORT_FORMATS } from "./formats";
import { findStatement, readFound } from "./json-columns/find-members";
import { describeJsonColumns } from "./json-columns/json-columns";
import { nameColumns } from "./json-columns/name-columns";
import { planExport, rowLimit, rowsOf } from "./plan";

const SAMPLE_TIMEOUT_MS = 2_000;
const SAMPLE_ROWS = 200;
/** Quotes, colon and comma of a value. */
const JSON_PUNCTUATION = 6;
/** Bytes of a report. */
const REPORT_BYTES = 200_000;
/** Disk space to leave free for everything else. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/**
 * Estimates the size of an export before it is started.
 * @throws AppError UNPROCESSABLE for an invalid filter, column or time
 */
export async function previewExport(ctx: Context, params: ExportParams): Promise<ExportPreview> {
  // Validates the request before counting.
  const plan = planExport(ctx.config, params);
  const limit = rowLimit(ctx.config, params);
  const free = await ctx.files.current.freeBytes();
  const fits = (bytes: number) => (free === null ? null : free > bytes + MIN_FREE_BYTES);
  if (params.export_type === "statistics") {
    const range = { ...params, filters: {} };
    const [requests, activities] = await Promise.all([
      countUpTo(ctx, "access_logs", range, limit),
      countUpTo(ctx, "user_activities", range, limit),
    ]);
    return {
      row_count: requests.count + activities.count,
      row_count_is_exact:
        requests.is_exact && activities.is_exact && Math.max(requests.count, activities.count) <= limit,
      estimated_bytes: REPORT_BYTES,
      fits_excel: true,
      limit,
      over_limit: false,
      fits_disk: fits(REPORT_BYTES),
      json_columns: null,
    };
  }
  const { count, is_exact } = await countUpTo(ctx, params.export_type, params, limit);
  const { size } = EXPORT_FORMATS[params.format];
  const factor = params.compress === "none" ? size.plain : size.compressed;
  const members = plan.unfinished && (await sampleMembers(ctx, params.export_type, params, plan.unfinished));
  const columns = [...(plan.sheets[0]?.columns ?? []), ...(members ?? [])];
  const bytes = Math.round(count * (await averageRowBytes(ctx, params.export_type, params, columns, size.of)) * factor);
  return {
    row_count: count,
    row_count_is_exact: is_exact && count <= limit,
    estimated_bytes: bytes,
    fits_excel: count < EXPORT_FORMATS.excel.maxSheetRows,
    limit,
    over_limit: is_exact && count > limit,
    fits_disk: fits(bytes),
    json_columns: members && describeJsonColumns(members),
  };
}

/** The columns of JSON members in some rows; null if finding the rows takes too long. */
async function sampleMembers(
  ctx: Context,
  table: LogTableName,
  filters: LogFilters,
  { wanted, taken }: UnfinishedSheet,
): Promise<ExportColumn[] | null> {
  const rows = sql`select * from ${rowsOf(ctx.config, table, filters)} limit ${SAMPLE_ROWS}`;
  try {
    const [row] = await readWithin(readingOf(ctx, table), SAMPLE_TIMEOUT_MS, (db) =>
      db.execute<{ found: string }>(findStatement(wanted, rows)),
    );
    return nameColumns(readFound(wanted, row?.found ?? null).members, taken);
  } catch (error) {
    if (isTimeout(error)) return null;
    throw error;
  }
}

/**
 * Like previewExport, but undefined while a CSV archive is being prepared: the export itself waits for it.
 * @throws see previewExport
 */
export async function checkExport(ctx: Context, params: ExportParams): Promise<ExportPreview | undefined> {
  try {
    return await previewExport(ctx, params);
  } catch (error) {
    if (error instanceof AppError && error.code === "archive.being_prepared") return undefined;
    throw error;
  }
}

/**
 * Measures some rows as text. Uses the planner's estimate when finding rows takes too long.
 */
async function averageRowBytes(
  ctx: Context,
  table: LogTableName,
  filters: LogFilters,
  columns: readonly ExportColumn[],
  form: "csv" | "json",
): Promise<number> {
  const reading = readingOf(ctx, table);
  const format = EXPORT_FORMATS[form === "csv" ? "csv" : "ndjson"];
  const values = columns.map((column) => {
    const value = format.expression(column, { timeZone: ctx.config.timeZone, isOnly: false });
    return sql`${value} as ${sql.identifier(column.name)}`;
  });
  // The brackets of a row have as many bytes as the end of a CSV line. The star distinguishes it from a column `sample`.
  const text = form === "csv" ? sql`(sample.*)::text` : sql`row_to_json(sample.*)::text || ' '`;
  const rows = sql`select ${sql.join(values, sql`, `)} from ${rowsOf(ctx.config, table, filters)} limit ${SAMPLE_ROWS}`;
  try {
    const [row] = await readWithin(reading, SAMPLE_TIMEOUT_MS, (db) =>
      db.execute<{ bytes: number | null }>(
        sql`select avg(octet_length(${text}))::float8 as bytes from (${rows}) as sample`,
      ),
    );
    if (row?.bytes != null || !filters.include_archived) return row?.bytes ?? 0;
    const names = columns.map(({ name }) => name);
    const bytes = await archivedRowBytes(ctx, logTables[table], filters, names);
    if (bytes === undefined) return 0;
    const separators = names.reduce((sum, name) => sum + (form === "csv" ? 1 : name.length + JSON_PUNCTUATION), 0);
    return bytes + separators;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    const [plan] = await reading.db.read.execute<{ "QUERY PLAN": [{ Plan: { "Plan Width": number } }] }>(
      sql`explain (format json) ${rows}`,
    );
    return plan?.["QUERY PLAN"][0].Plan["Plan Width"] ?? 0;
  }
}

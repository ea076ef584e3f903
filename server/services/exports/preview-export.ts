import { statfs } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { estimateRows, isTimeout, readingOf, readWithin } from "@/server/services/logs";
import type { LogFilters } from "@/server/services/logs/contract";
import { csvExpression, type ExportColumn } from "./columns";
import type { ExportParams, ExportPreview } from "./contract";
import { MAX_SHEET_ROWS } from "./excel/sheet-rows";
import { exportsFolder } from "./files/folder";
import { planExport, rowLimit, rowsOf } from "./plan";

const COUNT_TIMEOUT_MS = 5_000;
const SAMPLE_TIMEOUT_MS = 2_000;
const SAMPLE_ROWS = 200;
/** Bytes of a report. */
const REPORT_BYTES = 200_000;
/** Size relative to plain CSV, measured for access logs. */
const SIZE_FACTORS = { csv: { none: 1, gzip: 0.25, zip: 0.25 }, excel: { none: 0.35, gzip: 0.35, zip: 0.35 } };
/** Disk space to leave free for everything else. */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/**
 * Estimates the size of an export before it is started.
 * @throws AppError UNPROCESSABLE for an invalid filter, column or time
 */
export async function previewExport(ctx: Context, params: ExportParams): Promise<ExportPreview> {
  // Validates the request before counting.
  const { sheets } = planExport(ctx.config, params);
  const limit = rowLimit(ctx.config, params);
  const free = await freeBytes(ctx);
  if (params.export_type === "statistics") {
    const range = { ...params, filters: {} };
    const [requests, activities] = await Promise.all([
      countUpTo(ctx, "access_logs", range, limit),
      countUpTo(ctx, "user_activities", range, limit),
    ]);
    return {
      row_count: requests.count + activities.count,
      row_count_is_exact: requests.isExact && activities.isExact && Math.max(requests.count, activities.count) <= limit,
      estimated_bytes: REPORT_BYTES,
      fits_excel: true,
      limit,
      over_limit: false,
      fits_disk: free > REPORT_BYTES + MIN_FREE_BYTES,
    };
  }
  const { count, isExact } = await countUpTo(ctx, params.export_type, params, limit);
  const factor = SIZE_FACTORS[params.format][params.compress];
  const bytes = Math.round(
    count * (await averageRowBytes(ctx, params.export_type, params, sheets[0]?.columns ?? [])) * factor,
  );
  return {
    row_count: count,
    row_count_is_exact: isExact && count <= limit,
    estimated_bytes: bytes,
    fits_excel: count < MAX_SHEET_ROWS,
    limit,
    over_limit: isExact && count > limit,
    fits_disk: free > bytes + MIN_FREE_BYTES,
  };
}

/**
 * Counts rows up to `limit` plus one, or uses the planner's estimate when counting takes longer than 5 s. Runs on the
 * read pool, like the whole preview.
 */
export async function countUpTo(
  ctx: Context,
  table: LogTableName,
  filters: LogFilters,
  limit: number,
): Promise<{ count: number; isExact: boolean }> {
  const reading = readingOf(ctx, table);
  const from = sql`from ${rowsOf(ctx.config, table, filters)}`;
  try {
    const [row] = await readWithin(reading, COUNT_TIMEOUT_MS, (db) =>
      db.execute<{ count: string }>(
        sql`select count(*) as count from (select 1 ${from} limit ${limit + 1}) as bounded`,
      ),
    );
    return { count: Number(row?.count ?? 0), isExact: true };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { count: Math.min(limit + 1, await estimateRows(reading.db.read, from)), isExact: false };
  }
}

/**
 * Measures some rows as CSV text; the brackets of a row have as many bytes as a line end. Uses the planner's estimate
 * when finding rows takes too long.
 */
async function averageRowBytes(
  ctx: Context,
  table: LogTableName,
  filters: LogFilters,
  columns: readonly ExportColumn[],
): Promise<number> {
  const reading = readingOf(ctx, table);
  const values = sql.join(
    columns.map((column) => sql`${csvExpression(column)} as ${sql.identifier(column.name)}`),
    sql`, `,
  );
  const rows = sql`select ${values} from ${rowsOf(ctx.config, table, filters)} limit ${SAMPLE_ROWS}`;
  try {
    const [row] = await readWithin(reading, SAMPLE_TIMEOUT_MS, (db) =>
      db.execute<{ bytes: number | null }>(
        sql`select avg(octet_length(sample::text))::float8 as bytes from (${rows}) as sample`,
      ),
    );
    return row?.bytes ?? 0;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    const [plan] = await reading.db.read.execute<{ "QUERY PLAN": [{ Plan: { "Plan Width": number } }] }>(
      sql`explain (format json) ${rows}`,
    );
    return plan?.["QUERY PLAN"][0].Plan["Plan Width"] ?? 0;
  }
}

async function freeBytes(ctx: Context): Promise<number> {
  // The folder is created by the first export.
  for (let folder = exportsFolder(ctx.config); ; folder = path.dirname(folder)) {
    const stats = await statfs(folder).catch(() => undefined);
    if (stats) return stats.bavail * stats.bsize;
    if (folder === path.dirname(folder)) return 0;
  }
}

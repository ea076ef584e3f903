import { sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { openArchivedRow, openArchives } from "@/server/services/archive-files";
import type { Executor } from "@/server/services/segment-files";
import { archivedRow } from "./columnar/archived-row";
import { inColumns, isLogTable } from "./columnar/plan";
import type { LogFilters, LogKey, LogRow } from "./contract";
import { type OpenArchived, type ReadFilters, readFilters } from "./filters";
import { isTimeout, tooSlow } from "./limits";
import { logSource, readRow, where } from "./paged-source";

/** Milliseconds. */
const FIND_MS = 10_000;

/** Converts filters into SQL conditions, with the source of archived rows if they are included. @throws see readFilters */
export function readSelection(ctx: Context, table: BrowsedTable, query: LogFilters): ReadFilters {
  const filters = readFilters(table, query, ctx.config.timeZone);
  return query.include_archived ? { ...filters, archived: openArchived(ctx, table) } : filters;
}

function openArchived(ctx: Context, table: BrowsedTable): OpenArchived | undefined {
  return isLogTable(table) ? (db, range) => openArchives(ctx, db, table.name, range) : undefined;
}

/** The archived rows that are measured. */
const SAMPLE_ROWS = 200;
const SAMPLE_MS = 5_000;

/**
 * Measures some matching archived rows.
 * @param names columns
 * @returns the average bytes of their values in these columns as text; undefined if there are none, or finding them
 * takes too long
 */
export async function archivedRowBytes(
  ctx: Context,
  table: BrowsedTable,
  query: LogFilters,
  names: readonly string[],
): Promise<number | undefined> {
  const { from, before, blocks, range, columnar } = readFilters(table, query, ctx.config.timeZone);
  const bytes = names.map((name) => sql`coalesce(strlen(cast(${sql.identifier(name)} as varchar)), 0)`);
  const selection = { from, before, blocks, archived: openArchived(ctx, table) };
  const rows = await inColumns(ctx, table, selection, SAMPLE_MS, async ({ archived, signal }) => {
    const select = await archived?.rowsIn();
    return select === undefined
      ? []
      : await ctx.columnar.query(
          sql`
            select avg(bytes) as bytes
            from (
              select ${sql.join(bytes, sql` + `)} as bytes
              from (${select}) as archived
              ${where([...range, ...columnar])}
              limit ${sql.raw(String(SAMPLE_ROWS))}
            ) as sample`,
          { signal },
        );
  }).catch((error: unknown) => {
    if (isTimeout(error) || isWaiting(error)) return undefined;
    throw error;
  });
  const measured = rows?.[0]?.bytes;
  return typeof measured === "number" ? measured : undefined;
}

/** Whether files are not available within the time limit. */
function isWaiting(error: unknown): boolean {
  const codes: readonly string[] = ["archive.being_prepared", "columnar.files_not_fetched"];
  return error instanceof AppError && codes.includes(error.code);
}

/** Returns a row that is only in an archive, marked as archived; null if it does not exist. */
export async function findArchivedRow(
  ctx: Context,
  table: BrowsedTable,
  { created_at, id }: LogKey,
): Promise<LogRow | null> {
  const { columns } = logSource(table);
  const at = Date.parse(created_at);
  const range = { from: instantOf(new Date(at)), before: instantOf(new Date(at + 1)) };
  const key = { created_at, id };
  const archived = isLogTable(table) ? (db: Executor) => openArchivedRow(ctx, db, table.name, key) : undefined;
  const selection = { ...range, archived };
  const found = await inColumns(ctx, table, selection, FIND_MS, async ({ archived, signal }) => {
    const select = await archived?.rowsIn();
    return select === undefined ? [] : await ctx.columnar.query(select, { signal });
  }).catch((error: unknown) => {
    throw isTimeout(error) ? tooSlow(error) : error;
  });
  const [row] = found ?? [];
  return row ? { ...readRow<LogRow>(columns, archivedRow(columns, row)), archived: true } : null;
}

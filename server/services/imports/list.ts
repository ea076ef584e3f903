import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { parseErrorValue } from "@/server/catalog/errors";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { openCursor, sealCursor } from "@/server/lib/cursor";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { HEARTBEAT_TIMEOUT_SECONDS } from "@/server/services/intake";
import type { ImportPage, ImportRecord, ImportsQuery } from "./contract";

/** Lists imports, newest first. @throws AppError BAD_REQUEST for a cursor of another list */
export async function listImports(ctx: Context, { table, limit, cursor }: ImportsQuery): Promise<ImportPage> {
  const scope = JSON.stringify(["imports", table ?? null]);
  const [before] = cursor === undefined ? [] : openCursor(ctx.secret, scope, cursor);
  const sql = ctx.db.read.$client;
  const found = await sql<{ id: number }[]>`
    select id
    from imports
    where ${before === undefined ? sql`true` : sql`id < ${Number(before)}`}
      and ${table === undefined ? sql`true` : sql`log_table = ${table}`}
    order by id desc
    limit ${limit + 1}`;
  const ids = found.slice(0, limit).map(({ id }) => id);
  const last = ids.at(-1);
  return {
    items: await readImports(sql, ids),
    next_cursor: found.length > limit && last !== undefined ? sealCursor(ctx.secret, scope, [String(last)]) : null,
  };
}

/** Returns the import with this id. @throws AppError NOT_FOUND */
export async function getImport(ctx: Context, id: number): Promise<ImportRecord> {
  const [record] = await readImports(ctx.db.read.$client, [id]);
  if (!record) throw new AppError("import.not_found", {});
  return record;
}

interface ImportRow {
  id: number;
  log_table: string;
  mode: ImportRecord["mode"];
  format: string;
  file_name: string | null;
  source: string | null;
  mapping: string | null;
  requested_by: string;
  started_at: string;
  finished_at: string | null;
  outcome: "completed" | "failed" | null;
  error: unknown;
  undone_at: string | null;
  undone_by: string | null;
  undo_job_id: string | null;
  undo_finished_at: string | null;
  is_silent: boolean;
  is_undoing: boolean;
  queued: number;
  inserted: number;
  duplicates: number;
  dropped: number;
  rejected: number;
  removed: number;
  first_time: string | null;
  last_time: string | null;
}

async function readImports(sql: SqlExecutor, ids: readonly number[]): Promise<ImportRecord[]> {
  if (ids.length === 0) return [];
  const rows = await sql<ImportRow[]>`
    select
      imports.*,
      seen_at < now() - make_interval(secs => ${HEARTBEAT_TIMEOUT_SECONDS}::int) as is_silent,
      exists (select from jobs where jobs.id = undo_job_id and jobs.status in ('queued', 'running')) as is_undoing,
      counts.*
    from imports
    cross join lateral (
      select
        -- A worker may have counted events before the process that queued them did.
        greatest(coalesce(sum(queued) - sum(settled), 0), 0)::float8 as queued,
        coalesce(sum(inserted), 0)::float8 as inserted,
        coalesce(sum(duplicates), 0)::float8 as duplicates,
        coalesce(sum(dropped), 0)::float8 as dropped,
        coalesce(sum(rejected), 0)::float8 as rejected,
        coalesce(sum(removed), 0)::float8 as removed,
        min(first_time) as first_time,
        max(last_time) as last_time
      from import_tallies
      where import_id = imports.id
    ) as counts
    where imports.id = any(${[...ids]}::int[])
    order by imports.id desc`;
  return rows.flatMap((row) => {
    const table = LOG_TABLE_NAMES.find((name) => name === row.log_table);
    return table ? [toRecord(row, table)] : [];
  });
}

function toRecord(row: ImportRow, table: LogTableName): ImportRecord {
  const { queued, inserted, duplicates, rejected, dropped, removed } = row;
  return {
    import_id: row.id,
    table,
    status: statusOf(row),
    mode: row.mode,
    format: row.format,
    file_name: row.file_name,
    source: row.source,
    mapping: row.mapping,
    requested_by: row.requested_by,
    started_at: toIsoMicroseconds(row.started_at),
    finished_at: instant(row.finished_at),
    received: queued + inserted + duplicates + rejected + dropped,
    queued,
    inserted,
    duplicates,
    rejected,
    dropped,
    removed,
    first_time: instant(row.first_time),
    last_time: instant(row.last_time),
    error: row.error ? parseErrorValue(row.error) : null,
    undone_at: instant(row.undone_at),
    undone_by: row.undone_by,
    undo_job_id: row.undo_job_id,
  };
}

function statusOf(row: ImportRow): ImportRecord["status"] {
  if (row.undo_finished_at !== null) return "undone";
  if (row.is_undoing) return "undoing";
  if (row.undone_at !== null) return "partly_undone";
  if (row.outcome === null) return row.is_silent ? "interrupted" : "running";
  return row.outcome === "completed" && row.queued > 0 ? "storing" : row.outcome;
}

function instant(text: string | null): string | null {
  return text === null ? null : toIsoMicroseconds(text);
}

import { randomUUID } from "node:crypto";
import type { LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Period } from "../cleanup/expiry";

/** An archive with a complete file. */
export interface Archive {
  readonly id: string;
  readonly table: LogTableName;
  readonly month: string;
  readonly path: string;
  /** The ID of the file's store. */
  readonly store: string | null;
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** From its first row to just after its last. */
  readonly period: Period;
  /** Set when it contains all rows that its partition had in that snapshot. */
  readonly wholeSnapshot: string | null;
  readonly partitionOid: number;
}

interface ArchiveRow {
  readonly id: string;
  readonly table_name: LogTableName;
  readonly month: string;
  readonly path: string;
  readonly store: string | null;
  readonly row_count: string;
  readonly size_bytes: string;
  readonly sha256: string;
  readonly first_time: string;
  readonly ends_at: string;
  readonly whole_snapshot: string | null;
  readonly partition_oid: number;
}

const selected = (sql: SqlExecutor) => sql`
  id, table_name, month, path, store, row_count, size_bytes, sha256, first_time, last_time + interval '1 microsecond' as ends_at, partition_oid,
  case when whole_partition then snapshot end as whole_snapshot`;

function toArchive(row: ArchiveRow): Archive {
  return {
    id: row.id,
    table: row.table_name,
    month: row.month,
    path: row.path,
    store: row.store,
    rowCount: Number(row.row_count),
    sizeBytes: Number(row.size_bytes),
    sha256: row.sha256,
    period: { from: toIsoMicroseconds(row.first_time), to: toIsoMicroseconds(row.ends_at) },
    wholeSnapshot: row.whole_snapshot,
    partitionOid: row.partition_oid,
  };
}

/**
 * Lists complete archives of a month whose rows may be in the table: not deleted yet, or restored.
 * @param stores the stores that this process can read
 */
export async function pendingArchives(
  sql: SqlExecutor,
  { table, month, stores }: { table: LogTableName; month: string; stores: readonly string[] },
): Promise<Archive[]> {
  const rows = await sql<ArchiveRow[]>`
    select ${selected(sql)}
    from archives
    where table_name = ${table} and month = ${month} and state = 'pending' and problem is null
      and (store is null or store = any(${stores}::text[]))
    order by created_at`;
  return rows.map(toArchive);
}

/**
 * Lists the CSV archives of a table that have no known problem, oldest first.
 * @param ids only these; all if empty
 */
export async function csvArchives(sql: SqlExecutor, table: LogTableName, ids: readonly string[]): Promise<Archive[]> {
  const rows = await sql<ArchiveRow[]>`
    select ${selected(sql)}
    from archives
    where table_name = ${table} and state in ('pending', 'removed') and problem is null and path like '%.csv.gz'
      and (${ids.length === 0} or id::text = any(${[...ids]}::text[]))
    order by created_at`;
  return rows.map(toArchive);
}

/**
 * Finds a complete archive with its file.
 * @throws AppError NOT_FOUND, CONFLICT when its file was removed or is corrupted
 */
export async function findArchive(sql: SqlExecutor, id: string): Promise<Archive> {
  const [row] = await sql<(ArchiveRow & { state: string; deleted_by: string | null })[]>`
    select ${selected(sql)}, state, deleted_by from archives where id::text = ${id} and state <> 'writing'`;
  if (!row) throw new AppError("archive.not_found", {});
  if (row.state === "expired" && row.deleted_by !== null) throw new AppError("archive.deleted", { by: row.deleted_by });
  if (row.state === "expired") throw new AppError("archive.expired", {});
  return toArchive(row);
}

/** Lists the archives of a table, or of all, with rows in a period, oldest first. */
export async function archivesIn(
  sql: SqlExecutor,
  { from, to }: Partial<Period>,
  table: LogTableName | undefined,
): Promise<Archive[]> {
  const rows = await sql<ArchiveRow[]>`
    select ${selected(sql)}
    from archives
    where state in ('pending', 'removed')
      and (${table ?? null}::text is null or table_name = ${table ?? null})
      and (${from ?? null}::timestamptz is null or last_time >= ${from ?? null}::timestamptz)
      and (${to ?? null}::timestamptz is null or first_time < ${to ?? null}::timestamptz)
    order by first_time`;
  return rows.map(toArchive);
}

export interface ArchiveDraft {
  readonly table: LogTableName;
  readonly month: string;
  readonly path: string;
  readonly store: string;
  readonly cutoff: Instant;
  readonly jobId: string;
  readonly createdBy: string;
  readonly wholePartition: boolean;
  readonly partitionOid: number;
}

export function newArchiveId(): string {
  return randomUUID();
}

/**
 * Step 1: records a draft, so that the next cleanup finds the file even if this process dies.
 * @returns the time, by PostgreSQL's clock
 */
export async function recordDraft(sql: SqlExecutor, id: string, draft: ArchiveDraft): Promise<Instant> {
  const [row] = await sql<{ created_at: string }[]>`
    insert into archives
      (id, table_name, month, path, store, cutoff, job_id, created_by, whole_partition, partition_oid)
    values (
      ${id}, ${draft.table}, ${draft.month}, ${draft.path}, ${draft.store}, ${draft.cutoff}, ${draft.jobId},
      ${draft.createdBy}, ${draft.wholePartition}, ${draft.partitionOid}
    )
    returning created_at`;
  return toIsoMicroseconds(row?.created_at ?? "");
}

export interface ArchiveFacts {
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly firstTime: Instant;
  readonly lastTime: Instant;
  readonly snapshot: string;
  readonly hasBlocks: boolean;
}

/**
 * Marks the archive as complete, after which its rows may be deleted.
 * @throws when another process discarded the draft
 */
export async function recordComplete(sql: SqlExecutor, id: string, facts: ArchiveFacts): Promise<Archive> {
  const [row] = await sql<ArchiveRow[]>`
    update archives set
      state = 'pending', completed_at = now(), verified_at = now(),
      row_count = ${facts.rowCount}, size_bytes = ${facts.sizeBytes}, sha256 = ${facts.sha256},
      first_time = ${facts.firstTime}, last_time = ${facts.lastTime}, snapshot = ${facts.snapshot}, has_blocks = ${facts.hasBlocks}
    where id = ${id} and state = 'writing'
    returning ${selected(sql)}`;
  if (!row) throw new AppError("archive.taken_over", {});
  return toArchive(row);
}

/**
 * Records the file in another format that replaces an archive's file.
 * @throws when another process changed the record
 */
export async function recordConverted(
  sql: SqlExecutor,
  archive: Archive,
  file: { readonly path: string; readonly sizeBytes: number; readonly sha256: string },
): Promise<void> {
  const { count } = await sql`
    update archives set
      path = ${file.path}, size_bytes = ${file.sizeBytes}, sha256 = ${file.sha256}, verified_at = now()
    where id = ${archive.id} and path = ${archive.path} and store is not distinct from ${archive.store}
      and state in ('pending', 'removed')`;
  if (count === 0) throw new AppError("archive.taken_over", {});
}

/** What the manifest of an archive contains about its rows. */
export async function archiveFacts(sql: SqlExecutor, id: string) {
  const [row] = await sql<
    {
      first_time: string;
      last_time: string;
      cutoff: string;
      created_at: string;
      created_by: string;
      job_id: string | null;
    }[]
  >`
    select first_time, last_time, cutoff, created_at, created_by, job_id from archives where id = ${id}`;
  if (!row) throw new AppError("archive.not_found", {});
  const { created_by, job_id } = row;
  return {
    first_time: toIsoMicroseconds(row.first_time),
    last_time: toIsoMicroseconds(row.last_time),
    cutoff: toIsoMicroseconds(row.cutoff),
    created_at: toIsoMicroseconds(row.created_at),
    created_by,
    job_id,
  };
}

/** Records that its rows left the table, which ends their protection from cleanup. */
export async function recordRemoved(sql: SqlExecutor, id: string): Promise<void> {
  await sql`
    with removed as (delete from restored_periods where archive_id = ${id})
    update archives set state = 'removed', removed_at = now() where id = ${id} and state = 'pending'`;
}

/** Records that the rows of months without a partition left the table, as after a restore of no row. */
export async function recordRemovedMonths(sql: SqlExecutor, table: LogTableName, existing: string[]): Promise<void> {
  const gone = await sql<{ id: string }[]>`
    select id from archives where table_name = ${table} and state = 'pending' and month <> all(${existing}::text[])`;
  for (const { id } of gone) await recordRemoved(sql, id);
}

/**
 * Records a verification, unless the file was moved in the meantime.
 * @param problem null when the file is intact
 */
export async function recordVerified(
  sql: SqlExecutor,
  { id, store }: Pick<Archive, "id" | "store">,
  problem: ErrorValue | null,
): Promise<void> {
  await sql`
    update archives set verified_at = now(), problem = ${problem && JSON.stringify(problem)}::text::jsonb
    where id = ${id} and store is not distinct from ${store}`;
}

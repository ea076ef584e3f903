import { sql } from "drizzle-orm";
import { z } from "zod";
import { type LogTableName, logTables } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Executor, TimeRange } from "@/server/services/segment-files";
import type { ReadableArchive } from "./files";

/** An archive that contains rows of a time range. */
export interface ArchivePart extends ReadableArchive {
  readonly id: string;
  readonly month: string;
  /** From its first row to just after its last, clipped to the requested range. */
  readonly range: TimeRange;
  /** Rows of the whole file. */
  readonly rowCount: number;
  /** Whether the table has rows in the range, which count instead of archived ones with the same key. */
  readonly isInTable: boolean;
  /** Whether its file is intact, as far as known, and in a store of this process. */
  readonly isReadable: boolean;
  /** Whether archive_blocks has all of its rows. */
  readonly hasBlocks: boolean;
}

/** Returns the time range of the archived rows of a table; undefined without archives. */
export async function archivedRange(
  { db }: Pick<Context, "db">,
  table: LogTableName,
): Promise<{ from: Instant; before: Instant } | undefined> {
  const [row] = await db.sql<{ from: string | null; before: string | null }[]>`
    select min(first_time) as from, max(last_time) + interval '1 microsecond' as before
    from archives
    where table_name = ${table} and state in ('pending', 'removed')`;
  if (!row?.from || !row.before) return undefined;
  return { from: toIsoMicroseconds(row.from), before: toIsoMicroseconds(row.before) };
}

const found = z.object({
  id: z.string(),
  path: z.string(),
  store: z.string().nullable(),
  size_bytes: z.coerce.number(),
  sha256: z.string(),
  row_count: z.coerce.number(),
  starts_at: z.string(),
  ends_at: z.string(),
  month: z.string(),
  is_readable: z.boolean(),
  is_in_table: z.boolean(),
  has_blocks: z.boolean(),
});

/**
 * Returns the archives with rows of a log table in a time range, newest archive first. A row counts once: as it is in the
 * table, or else as it was archived last, because corrections are archived after what they correct.
 * @param db executes in the REPEATABLE READ transaction in which the caller reads the table
 */
export async function archiveParts(
  ctx: Pick<Context, "files">,
  db: Executor,
  table: LogTableName,
  { from, before }: { readonly from?: Instant; readonly before?: Instant },
): Promise<ArchivePart[]> {
  const stores = ctx.files.all.map(({ id }) => id);
  const name = sql.identifier(logTables[table].tableName);
  const rows = await db.execute(sql`
    select
      id, path, store, size_bytes, sha256, row_count, month, starts_at, ends_at, has_blocks,
      problem is null and (store is null or store in ${stores}) as is_readable,
      exists (select from ${name} log where log.created_at >= starts_at and log.created_at < ends_at) as is_in_table
    from (
      select
        *,
        greatest(first_time, ${from ?? null}::timestamptz) as starts_at,
        least(last_time + interval '1 microsecond', ${before ?? null}::timestamptz) as ends_at
      from archives
      where table_name = ${table} and state in ('pending', 'removed')
    ) archives
    where starts_at < ends_at
    order by created_at desc, id desc`);
  const parts = z.array(found).parse(rows);
  return parts.map((part) => ({
    id: part.id,
    table,
    month: part.month,
    path: part.path,
    store: part.store,
    sizeBytes: part.size_bytes,
    sha256: part.sha256,
    rowCount: part.row_count,
    range: { from: toIsoMicroseconds(part.starts_at), to: toIsoMicroseconds(part.ends_at) },
    isInTable: part.is_in_table,
    isReadable: part.is_readable,
    hasBlocks: part.has_blocks,
  }));
}

/**
 * @throws AppError archive.not_searchable if one of the archives is on another machine's disk or corrupted, because rows
 * would be missing
 */
export function requireReadable(parts: readonly ArchivePart[]): void {
  const unreadable = [...new Set(parts.filter(({ isReadable }) => !isReadable).map(({ month }) => month))];
  if (unreadable.length > 0) throw new AppError("archive.not_searchable", { months: unreadable.sort().join(", ") });
}

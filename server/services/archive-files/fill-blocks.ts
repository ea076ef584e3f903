import { type LogTable, type LogTableName, logTables } from "@/server/catalog";
import { connectForLongWork } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { csvOfRows } from "./address-bytes";
import { archivedRows } from "./archived-rows";
import type { ReadableArchive } from "./files";
import { recordBlocks } from "./record-blocks";

/** Rows per batch. */
const BATCH_ROWS = 1_000;

interface Unfilled extends ReadableArchive {
  readonly id: string;
  readonly rowCount: number;
}

interface FillOptions {
  readonly signal: AbortSignal;
  /** The archives that failed recently. */
  readonly except: readonly string[];
  /** Called after each batch of rows. */
  readonly pause: () => Promise<void>;
}

/**
 * Records the blocks of one archive that has none: one of an earlier version, or one that was written as CSV.
 * @returns undefined if all archives that this process can read have blocks; `error` if its file cannot be read
 */
export async function fillArchiveBlocks(
  ctx: Context,
  { signal, except, pause }: FillOptions,
): Promise<{ readonly id: string; readonly error?: unknown } | undefined> {
  const archive = await firstUnfilled(ctx, except);
  if (!archive) return undefined;
  const table: LogTable = logTables[archive.table];
  // Others see all blocks or none. A connection of its own, because it takes as long as reading the file.
  const sql = connectForLongWork(ctx.db.url, "batch-console archive blocks");
  let rowCount = 0;
  async function* csv(source: ReadableArchive) {
    for await (const batch of archivedRows(ctx, source, { size: BATCH_ROWS, ignoresLostColumns: true })) {
      signal.throwIfAborted();
      rowCount += batch.length;
      yield Buffer.from(csvOfRows(table, batch));
      await pause();
    }
  }
  try {
    await sql.begin(async (tx) => {
      await tx`delete from archive_blocks where archive_id = ${archive.id}`;
      const blocks = recordBlocks(tx, table, archive.id, csv(archive));
      for await (const _ of blocks.rows);
      const failure = blocks.failure();
      if (failure !== undefined) throw failure;
      if (rowCount !== archive.rowCount) throw new Error(`The archive has ${rowCount} rows.`);
      const { count } = await tx`
        update archives set has_blocks = true
        where id = ${archive.id} and state in ('pending', 'removed') and not has_blocks`;
      if (count === 0) throw new Error("The archive was changed meanwhile.");
    });
    return { id: archive.id };
  } catch (error) {
    signal.throwIfAborted();
    return { id: archive.id, error };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The newest one, because searches begin there. */
async function firstUnfilled(
  { db, files }: Pick<Context, "db" | "files">,
  except: readonly string[],
): Promise<Unfilled | undefined> {
  const stores = files.all.map(({ id }) => id);
  const [row] = await db.sql<
    {
      id: string;
      table_name: LogTableName;
      path: string;
      store: string | null;
      size_bytes: string;
      sha256: string;
      row_count: string;
    }[]
  >`
    select id, table_name, path, store, size_bytes, sha256, row_count
    from archives
    where state in ('pending', 'removed') and not has_blocks and problem is null
      and (store is null or store = any(${stores}::text[]))
      and id <> all(${[...except]}::uuid[])
    order by last_time desc
    limit 1`;
  return (
    row && {
      id: row.id,
      table: row.table_name,
      path: row.path,
      store: row.store,
      sizeBytes: Number(row.size_bytes),
      sha256: row.sha256,
      rowCount: Number(row.row_count),
    }
  );
}

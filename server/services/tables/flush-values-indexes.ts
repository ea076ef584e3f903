import { BROWSED_TABLE_NAMES, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";

/**
 * Flushes the pending lists of the values indexes. Every search scans the whole list of each partition, which takes
 * half a millisecond for a full list. Only an insert into a full list or a vacuum empties it, so the list of a past
 * month could remain full indefinitely. Any worker runs it about once a minute; it does work that inserts would have
 * done, without blocking them.
 * @returns the number of flushed pages
 */
export async function flushValuesIndexes({ db: { sql } }: Context): Promise<number> {
  const tables = BROWSED_TABLE_NAMES.map((name) => browsedTables[name].tableName);
  const indexes = await sql<{ name: string }[]>`
    select indexed.relname as name
    from pg_index
    join pg_class indexed on indexed.oid = indexrelid
    join pg_am on pg_am.oid = indexed.relam
    where amname = 'gin'
      and indexed.relkind = 'i'
      -- Indexes of audit_log may be owned by another role (docs/decisions/0029).
      and pg_has_role(indexed.relowner, 'USAGE')
      and (
        indrelid = any(${tables}::regclass[])
        or indrelid in (select inhrelid from pg_inherits where inhparent = any(${tables}::regclass[]))
      )
    order by indexed.relname`;
  let pages = 0;
  for (const { name } of indexes) {
    try {
      const [flushed] = await sql<{ pages: number }[]>`
        select gin_clean_pending_list(${`"${name}"`}::regclass)::int as pages`;
      pages += flushed?.pages ?? 0;
    } catch (error) {
      // The partition may have been dropped concurrently, which PostgreSQL reports with different errors.
      const [found] = await sql<{ index: string | null }[]>`select to_regclass(${`"${name}"`})::text as index`;
      if (found?.index) throw error;
    }
  }
  return pages;
}

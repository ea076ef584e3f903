import { BROWSED_TABLE_NAMES, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";

/**
 * Moves what waits in the pending lists of the values indexes into the indexes. Every search reads the whole list of
 * each partition, half a millisecond where it is full, and only an insert that finds it full, or a vacuum, empties
 * it: that of a month that is over could stay full for ever. Housekeeping, about once a minute by any worker; it
 * takes from inserts what they would have done themselves, and holds up none.
 * @returns pages that were moved
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
      -- That of audit_log may belong to a role of its own (docs/decisions/0060).
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
      // Its month may have been dropped meanwhile, which PostgreSQL tells in several ways.
      const [found] = await sql<{ index: string | null }[]>`select to_regclass(${`"${name}"`})::text as index`;
      if (found?.index) throw error;
    }
  }
  return pages;
}

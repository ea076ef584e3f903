import { BROWSED_TABLE_NAMES, browsedTables } from "@/server/catalog";
import type { Context } from "@/server/context";
import { causeCode } from "@/server/errors";

const UNDEFINED_TABLE = "42P01";

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
      // Its month was dropped meanwhile.
      if (causeCode(error) !== UNDEFINED_TABLE) throw error;
    }
  }
  return pages;
}

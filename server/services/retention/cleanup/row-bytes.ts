import { type LogTableName, logTables } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import type { Partition } from "@/server/db/partitions";
import { type Expiry, expiredSql } from "./expiry";

/** Pages that are looked at: enough for an average, read in a moment. */
const SAMPLED_PAGES = 1_000;
/** Of a row's header and of the pointer to it in its page. */
const ROW_OVERHEAD = 28;

/**
 * What an expired row of a partition takes, on average: its own size with its share of the indexes. By a sample of
 * the rows, not by the partition's size: that has the room of rows that went before in it, which would be given
 * back once more by every cleanup. Always of the same pages, so that a preview and its cleanup tell the same.
 */
export async function expiredRowBytes(
  sql: SqlExecutor,
  table: LogTableName,
  partition: Partition,
  expiry: Expiry,
): Promise<number> {
  const row = logTables[table].columns.map(({ name }) => `coalesce(pg_column_size(${name}), 0)`).join(" + ");
  const [average] = await sql.unsafe<{ bytes: number | null }[]>(
    `select
       coalesce(avg(bytes) filter (where expired), avg(bytes))::float8
         * pg_total_relation_size(${partition.oid}::oid) / pg_table_size(${partition.oid}::oid) as bytes
     from (
       select ${ROW_OVERHEAD} + ${row} as bytes, ${expiredSql(expiry)} as expired
       from ${partition.name}
       tablesample system (least(
         100,
         100.0 * ${SAMPLED_PAGES} * current_setting('block_size')::int / greatest(1, pg_relation_size(${partition.oid}::oid))
       )) repeatable (0)
     ) as sample`,
  );
  return average?.bytes ?? 0;
}

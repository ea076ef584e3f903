import { type LogTableName, logTables } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import type { Partition } from "@/server/db/partitions";
import { type Expiry, expiredSql } from "./expiry";

/** Number of sampled pages: enough for an average, and fast to read. */
const SAMPLED_PAGES = 1_000;
/** Size of a row's header and of its line pointer. */
const ROW_OVERHEAD = 28;

/**
 * The average size of an expired row of a partition, with its share of the indexes. Based on a sample of rows rather
 * than the partition's size, which includes the space of previously deleted rows. Always samples the same pages, so
 * that a preview and its cleanup agree.
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

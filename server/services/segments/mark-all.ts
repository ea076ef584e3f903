import { type LogTableName, logTables } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { listPartitions } from "@/server/db/partitions";
import { SEGMENT_LAYOUT, type TimeRange } from "@/server/services/segment-files";

/**
 * Makes all hours of a log table dirty that have rows or a segment, or those in a range of time. Rows that are committed
 * later have marks of their own.
 */
export async function markAll(tx: SqlExecutor, table: LogTableName, range?: TimeRange): Promise<void> {
  const { from = "-infinity", to = "infinity" } = range ?? {};
  for (const partition of await listPartitions(tx, logTables[table].tableName)) {
    await tx`
      insert into segment_hours (log_table, hour)
      select ${table}, hour
      from (
        select
          date_trunc('hour', min(created_at), 'UTC') as first,
          max(created_at) as last
        from ${tx(partition.name)}
        where created_at >= ${from} and created_at < ${to}
      ) as ends
      cross join lateral generate_series(first, last, interval '1 hour') as hour
      order by hour
      on conflict do nothing`;
  }
  await tx`
    with dirty as (
      select hour from segment_hours
      where log_table = ${table} and hour > ${from}::timestamptz - interval '1 hour' and hour < ${to}
      order by hour
      for update
    )
    update segment_hours set dirty_seq = nextval('segment_dirty_seq')
    from dirty
    where segment_hours.log_table = ${table} and segment_hours.hour = dirty.hour`;
}

/** Makes all hours dirty on the first start and after a change of the layout. */
export async function markAllIfOutdated(tx: SqlExecutor, table: LogTableName): Promise<void> {
  const current = await tx`
    select from segment_layouts where log_table = ${table} and layout >= ${SEGMENT_LAYOUT}`;
  if (current.length > 0) return;
  await markAll(tx, table);
  await tx`
    insert into segment_layouts (log_table, layout) values (${table}, ${SEGMENT_LAYOUT})
    on conflict (log_table) do update set layout = excluded.layout, started_at = now()`;
}

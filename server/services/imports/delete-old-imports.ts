import { logTableList } from "@/server/catalog";
import type { Context } from "@/server/process/context";

const RETENTION_DAYS = 90;
const BATCH = 1_000;

/**
 * Deletes the records of imports that ended long ago and have nothing left to undo: no queued event, no dead letter,
 * and no row in their time range, which is where an undo searches. Rows of other imports in that range retain the
 * record too, because rows have no index on their import.
 * @returns the number of deleted records
 */
export async function deleteOldImports(ctx: Context, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (const { name, tableName } of logTableList) {
    for (let after: number | null = 0; after !== null; ) {
      signal.throwIfAborted();
      const batch = await deleteBatch(ctx, name, tableName, after);
      total += batch.deleted;
      after = batch.last;
    }
  }
  return total;
}

async function deleteBatch({ db: { sql } }: Context, table: string, tableName: string, after: number) {
  const [batch] = await sql<{ last: number | null; deleted: number }[]>`
    with old as materialized (
      select id
      from imports
      where log_table = ${table} and id > ${after}
        and greatest(seen_at, finished_at, undone_at, undo_finished_at) < now() - make_interval(days => ${RETENTION_DAYS}::int)
      order by id
      limit ${BATCH}
    ),
    deleted as (
      delete from imports
      using old
      where imports.id = old.id
        and not exists (select from jobs where jobs.id = undo_job_id and jobs.status in ('queued', 'running'))
        and not exists (select from dead_letters where import_id = imports.id)
        and not exists (
          select
          from (
            select sum(queued) - sum(settled) as waiting, min(first_time) as first_time, max(last_time) as last_time
            from import_tallies
            where import_id = imports.id
          ) as counts
          where waiting > 0
            or exists (select from ${sql(tableName)} where created_at between counts.first_time and counts.last_time)
        )
      returning imports.id
    )
    select (select max(id) from old) as last, (select count(*)::int from deleted) as deleted`;
  return batch ?? { last: null, deleted: 0 };
}

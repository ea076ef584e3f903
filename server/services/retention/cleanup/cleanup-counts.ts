import type { SqlExecutor } from "@/server/db/client";
import { databaseNow } from "@/server/db/clock";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import { cutoffOf } from "./expiry";

export interface Tally {
  readonly cutoff: Instant;
  readonly deleted: number;
  readonly freedBytes: number;
  readonly reusableBytes: number;
  readonly partitionsDropped: readonly string[];
  readonly archived: number;
  readonly archiveFiles: string[];
}

/**
 * Starts the counters of a job, or continues those of its last attempt, with the same cutoff.
 * @param daysToKeep before now, by PostgreSQL's clock
 */
export async function openTally(sql: SqlExecutor, jobId: string, daysToKeep: number): Promise<Tally> {
  await sql`
    insert into cleanup_tallies (job_id, cutoff)
    values (${jobId}, ${cutoffOf(await databaseNow(sql), daysToKeep)})
    on conflict do nothing`;
  return await readTally(sql, jobId);
}

export async function readTally(sql: SqlExecutor, jobId: string): Promise<Tally> {
  const [row] = await sql<
    {
      cutoff: string;
      deleted: string;
      freed_bytes: string;
      reusable_bytes: string;
      partitions_dropped: string[];
      archived: string;
      archive_files: string[];
    }[]
  >`
    select
      tally.cutoff, deleted, freed_bytes, reusable_bytes, partitions_dropped,
      coalesce(sum(archives.row_count), 0)::bigint as archived,
      coalesce(array_agg(archives.path order by archives.created_at) filter (where archives.id is not null), '{}')
        as archive_files
    from cleanup_tallies tally
    left join archives on archives.job_id = tally.job_id and archives.state <> 'writing' and archives.problem is null
    where tally.job_id = ${jobId}
    group by tally.job_id`;
  if (!row) throw new Error(`No tally of job ${jobId}`);
  return {
    cutoff: toIsoMicroseconds(row.cutoff),
    deleted: Number(row.deleted),
    freedBytes: Number(row.freed_bytes),
    reusableBytes: Number(row.reusable_bytes),
    partitionsDropped: row.partitions_dropped,
    archived: Number(row.archived),
    archiveFiles: row.archive_files,
  };
}

/** Adds the changes of a transaction, within that transaction. */
export async function addToTally(
  tx: SqlExecutor,
  jobId: string,
  taken: { deleted: number; freedBytes?: number; reusableBytes?: number; dropped?: string },
): Promise<void> {
  const { deleted, freedBytes = 0, reusableBytes = 0, dropped } = taken;
  await tx`
    update cleanup_tallies set
      deleted = deleted + ${deleted},
      freed_bytes = freed_bytes + ${freedBytes},
      reusable_bytes = reusable_bytes + ${Math.round(reusableBytes)},
      partitions_dropped = partitions_dropped || to_jsonb(${dropped === undefined ? [] : [dropped]}::text[]),
      updated_at = now()
    where job_id = ${jobId}`;
}

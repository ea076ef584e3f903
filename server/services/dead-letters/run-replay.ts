import type { SqlExecutor, Transaction } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { deleteUnusedHeaders } from "@/server/services/intake";
import { type JobParams, type JobRun, JobStopped } from "@/server/services/jobs";
import { makeIntakeThrottle } from "@/server/services/queues";
import type { ReplayCounts, ReplayResult } from "./contract";
import { compileEdit } from "./edit";
import { replayBatch } from "./replay-batch";
import { selectedLetters } from "./selection";

/**
 * Runs a replay job, in batches of one transaction each. A later run continues with the letters that were not
 * attempted.
 * @throws JobStopped with the result so far
 */
export async function runReplay(ctx: Context, job: JobRun<JobParams<"replay_dead_letters">>): Promise<ReplayCounts> {
  const { sql } = ctx.db;
  const { queue, error: errors, search, map, changes } = job.params;
  const selection = { queue, errors, search };
  const started = await openTally(sql, job.id);
  const edit = map === undefined && changes.length === 0 ? undefined : compileEdit(map, changes);
  const throttle = makeIntakeThrottle(ctx, job.signal);
  const [left] = await sql<{ count: number }[]>`
    select count(*)::float8 as count
    from dead_letters
    where ${selectedLetters(sql, selection)} and last_seen_at < ${started}::timestamptz`;
  const before = await readTally(sql, job.id);
  const total = (left?.count ?? 0) + before.replayed + before.still_dead;
  const report = ({ replayed, still_dead }: ReplayCounts) =>
    job.progress({ done: replayed + still_dead, total, unit: "rows", phase: "replaying" });
  report(before);
  for (;;) {
    if (job.signal.aborted) throw new JobStopped(await readTally(sql, job.id), { cause: job.signal.reason });
    const begin = Date.now();
    const isDone = await sql.begin(async (tx) => {
      await job.fence.check(tx);
      const batch = await replayBatch(ctx, tx, { selection, started, edit });
      if (batch) await addToTally(tx, job.id, batch);
      await job.fence.hold(tx);
      return batch === undefined;
    });
    const counts = await readTally(sql, job.id);
    report(counts);
    if (isDone) {
      await deleteUnusedHeaders(sql);
      return counts;
    }
    await throttle(Date.now() - begin);
  }
}

/** @returns since when the letters are attempted, the same for every run */
async function openTally(sql: SqlExecutor, jobId: string): Promise<string> {
  await sql`insert into replay_tallies (job_id) values (${jobId}) on conflict do nothing`;
  const [tally] = await sql<{ started_at: string }[]>`
    select started_at from replay_tallies where job_id = ${jobId}`;
  return tally?.started_at ?? "";
}

async function readTally(sql: SqlExecutor, jobId: string): Promise<ReplayCounts> {
  const [tally] = await sql<ReplayCounts[]>`
    select
      replayed::float8 as replayed,
      inserted::float8 as inserted,
      duplicates::float8 as duplicates,
      dropped::float8 as dropped,
      still_dead::float8 as still_dead
    from replay_tallies
    where job_id = ${jobId}`;
  return tally ?? { replayed: 0, inserted: 0, duplicates: 0, dropped: 0, still_dead: 0 };
}

async function addToTally(tx: Transaction, jobId: string, batch: ReplayResult): Promise<void> {
  await tx`
    update replay_tallies set
      replayed = replayed + ${batch.replayed},
      inserted = inserted + ${batch.inserted},
      duplicates = duplicates + ${batch.duplicates},
      dropped = dropped + ${batch.dropped},
      still_dead = still_dead + ${batch.still_dead}
    where job_id = ${jobId}`;
}

import { setTimeout as sleep } from "node:timers/promises";
import { databaseFailureOf } from "@/server/lib/errors";
import { shareReading } from "@/server/lib/share-reading";
import { within } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import type { Job, JobsWatch } from "./contract";
import { getJob, listJobs } from "./find";

const FIRST_POLL_MS = 30;
const POLL_MS = 250;
const WATCH_MS = 500;
const MIN_READ_MS = 500;
const MAX_READ_MS = 30_000;

export function hasEnded(job: Job): boolean {
  return job.finished_at !== null;
}

/**
 * Returns the job when it has ended, after `seconds`, when `signal` aborts or when this process stops. While PostgreSQL is unavailable, the
 * last known state of the job is returned.
 * @throws AppError NOT_FOUND
 */
export async function waitForJob(
  ctx: Context,
  id: string,
  { seconds, signal }: { seconds: number; signal?: AbortSignal },
): Promise<Job> {
  const end = performance.now() + seconds * 1_000;
  let job = await getJob(ctx, id);
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, POLL_MS)) {
    const left = end - performance.now();
    if (hasEnded(job) || left <= 0 || signal?.aborted || ctx.stopping?.aborted) return job;
    await sleep(Math.min(pause, left), undefined, { signal }).catch(() => {});
    const reading = getJob(ctx, id).catch((error: unknown) => {
      if (databaseFailureOf(error)) return undefined;
      throw error;
    });
    job = (await within(reading, Math.min(Math.max(left, MIN_READ_MS), MAX_READ_MS))) ?? job;
  }
}

/** Reads running jobs separately, because newer queued jobs could push them off the page. */
async function readWatched(ctx: Context, filter: JobsWatch): Promise<Job[]> {
  const [{ items }, { items: running }] = await Promise.all([
    listJobs(ctx, filter),
    listJobs(ctx, { ...filter, status: "running" }),
  ]);
  if (filter.status) return items;
  const shown = new Set(items.map((job) => job.job_id));
  return [...items, ...running.filter((job) => !shown.has(job.job_id))];
}

/**
 * Yields the newest and the running jobs, initially and after each change (polled twice a second), until `signal`
 * aborts.
 */
export async function* watchJobs(
  ctx: Context,
  filter: JobsWatch,
  signal: AbortSignal | undefined,
): AsyncGenerator<Job[]> {
  for (let shown = ""; !signal?.aborted; ) {
    const jobs = await shareReading(ctx, `jobs ${JSON.stringify(filter)}`, () => readWatched(ctx, filter), {
      freshMs: WATCH_MS,
    });
    const text = JSON.stringify(jobs);
    if (text !== shown) yield jobs;
    shown = text;
    await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
  }
}

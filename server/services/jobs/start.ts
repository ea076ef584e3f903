import { createHash, randomUUID } from "node:crypto";
import type { SqlExecutor } from "@/server/db/client";
import { AppError, fieldError } from "@/server/lib/errors";
import { parseWith } from "@/server/lib/parse";
import type { Context, Principal } from "@/server/process/context";
import type { Job } from "./contract";
import { getJob } from "./find";
import { type JobInput, type JobKind, jobKinds } from "./kinds";

/** Maximum unfinished jobs of one kind per user. */
const MAX_WAITING = 100;

interface StartOptions {
  /** The requester: may cancel the job, and shares the workers fairly with other requesters. */
  readonly principal: Principal;
  /** Identifies equal jobs: an unfinished job of this kind with this key is returned instead. */
  readonly joinKey?: string;
  /** Identifies mutually exclusive jobs, of any kind. */
  readonly exclusiveKey?: string;
  /** The ID of the file store that the job reads. */
  readonly store?: string | null;
}

/**
 * Queues a job; a worker starts it within a second when a slot is free.
 * @returns the new job, or an equal unfinished one
 * @throws AppError CONFLICT that names the unfinished job with the same exclusiveKey, TOO_MANY_REQUESTS, UNPROCESSABLE
 * for params that do not match the kind
 */
export async function startJob<K extends JobKind>(
  ctx: Context,
  kind: K,
  input: JobInput<K>,
  options: StartOptions,
): Promise<Job> {
  const { id } = await insertJob(ctx.db.sql, kind, input, options);
  return getJob(ctx, id);
}

interface InsertedJob {
  readonly id: string;
  /** False for an existing equal job. */
  readonly isNew: boolean;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Like startJob, inside the caller's transaction. */
export async function insertJob<K extends JobKind>(
  sql: SqlExecutor,
  kind: K,
  input: JobInput<K>,
  { principal, exclusiveKey, store, ...options }: StartOptions,
): Promise<InsertedJob> {
  // Hashed, because a key contains all filters, and an index entry is limited to 2,704 bytes.
  const joinKey = options.joinKey && createHash("sha256").update(options.joinKey).digest("base64url");
  const requester = `${principal.kind}:${principal.id}`;
  const params = parseWith<Record<string, unknown>>(jobKinds[kind].params, input);
  for (;;) {
    const [created] = await sql<{ id: string }[]>`
      insert into jobs (id, kind, params, progress, requester, requested_by, join_key, exclusive_key, store)
      select ${randomUUID()}, ${kind}, ${JSON.stringify(params)}::text::jsonb,
        '{"done": 0, "total": null, "phase": "queued"}', ${requester}, ${principal.name}, ${joinKey ?? null}, ${exclusiveKey ?? null},
        ${store ?? null}
      where (
        select count(*)
        from jobs
        where kind = ${kind} and requester = ${requester} and status in ('queued', 'running')
      ) < ${MAX_WAITING}
      on conflict do nothing
      returning id`;
    if (created) return { id: created.id, isNew: true, params };
    const [rival] = await sql<{ id: string; kind: string; requested_by: string; joins: boolean }[]>`
      select id, kind, requested_by, coalesce(kind = ${kind} and join_key = ${joinKey ?? null}, false) as joins
      from jobs
      where status in ('queued', 'running')
        and ((kind = ${kind} and join_key = ${joinKey ?? null}) or exclusive_key = ${exclusiveKey ?? null})
      order by joins desc
      limit 1`;
    if (rival?.joins) return { id: rival.id, isNew: false, params };
    if (rival) {
      throw new AppError(
        "job.busy",
        { kind: rival.kind, job: rival.id, by: rival.requested_by },
        { errors: [fieldError("job_id", "other", { text: rival.id })] },
      );
    }
    const [waiting] = await sql<{ jobs: number }[]>`
      select count(*)::int as jobs
      from jobs
      where kind = ${kind} and requester = ${requester} and status in ('queued', 'running')`;
    if ((waiting?.jobs ?? 0) >= MAX_WAITING) {
      throw new AppError("job.too_many", { count: MAX_WAITING }, { retryAfter: 30 });
    }
    // The conflicting job has just ended.
  }
}

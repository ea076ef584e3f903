import { hostname } from "node:os";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context } from "@/server/process/context";
import type { WorkerActivity, WorkerStatus } from "./contract";

export const HEARTBEAT_MS = 2_000;
/** A worker without a heartbeat for longer is not active; its claims are returned when their lease expires. */
export const ALIVE_SECONDS = 15;
/**
 * A worker in which no attempt of a heartbeat ends for this long hangs. With an unreachable or frozen PostgreSQL, an
 * attempt fails within 10 seconds.
 */
const HUNG_SECONDS = 120;

/** Returns the active workers, longest running first. No other code decides which workers are active. */
export async function aliveWorkers(sql: SqlExecutor): Promise<WorkerStatus[]> {
  const workers = await sql<WorkerStatus[]>`
    select id, host, pid, started_at::text, last_seen_at::text, current
    from workers
    where last_seen_at > now() - make_interval(secs => ${ALIVE_SECONDS})
    order by started_at, id`;
  return workers.map((worker) => ({
    ...worker,
    started_at: toIsoMicroseconds(worker.started_at),
    last_seen_at: toIsoMicroseconds(worker.last_seen_at),
  }));
}

export interface WorkerHeartbeat {
  setCurrent(current: WorkerActivity | null): void;
  /** Records that a batch of `queue` was stored. */
  stored(queue: LogTableName): void;
  /** Returns the state of this worker without asking PostgreSQL. */
  state(): WorkerState;
  /** Unregisters the worker. */
  stop(): Promise<void>;
}

export interface WorkerState {
  /** Whether other processes consider this worker active. */
  readonly isActive: boolean;
  /** Whether attempts of heartbeats no longer end, successfully or not. A restart may help. */
  readonly isHung: boolean;
  /** Since the last recorded heartbeat; null before the first. */
  readonly heartbeatAgeSeconds: number | null;
  /** The number of stored batches, and the time since the last one or the start. */
  readonly queues: ReadonlyMap<LogTableName, { readonly batches: number; readonly idleSeconds: number }>;
}

/**
 * Registers this process as a worker until `stop`. A failed heartbeat is retried with the next one; an unreachable
 * PostgreSQL is reported by the drain loop.
 */
export function startWorkerHeartbeat(ctx: Context, { id }: { id: string }): WorkerHeartbeat {
  const startedAt = performance.now();
  let current: WorkerActivity | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let recordedAt = Number.NEGATIVE_INFINITY;
  let attemptEndedAt = startedAt;
  const stored = new Map(LOG_TABLE_NAMES.map((name) => [name, { at: startedAt, batches: 0 }]));

  const beat = async () => {
    const { sql } = ctx.db;
    const now = performance.now();
    const idle = sql.json(Object.fromEntries([...stored].map(([name, { at }]) => [name, (now - at) / 1_000])));
    // Times are by PostgreSQL's clock, which may differ from this machine's.
    const uptime = (now - startedAt) / 1_000;
    await sql`
      insert into workers as known (id, host, pid, started_at, last_seen_at, current, idle_seconds)
      values (
        ${id}, ${hostname()}, ${process.pid}, now() - make_interval(secs => ${uptime}), now(),
        ${current && sql.json({ ...current })}, ${idle}
      )
      on conflict (id) do update set
        last_seen_at = now(), current = excluded.current, idle_seconds = excluded.idle_seconds`;
    recordedAt = performance.now();
    await sql`delete from workers where last_seen_at < now() - interval '1 day'`;
  };
  const tick = () => {
    running = beat()
      .catch((error: unknown) => ctx.log.debug({ error }, "heartbeat failed"))
      .finally(() => {
        attemptEndedAt = performance.now();
      });
  };
  tick();
  const timer = setInterval(tick, HEARTBEAT_MS);

  return {
    setCurrent: (activity) => {
      current = activity;
    },
    stored: (queue) => {
      stored.set(queue, { at: performance.now(), batches: (stored.get(queue)?.batches ?? 0) + 1 });
    },
    state: () => {
      const age = (at: number) => (performance.now() - at) / 1_000;
      return {
        isActive: age(recordedAt) < ALIVE_SECONDS,
        isHung: age(attemptEndedAt) > HUNG_SECONDS,
        heartbeatAgeSeconds: Number.isFinite(recordedAt) ? age(recordedAt) : null,
        queues: new Map([...stored].map(([name, { at, batches }]) => [name, { batches, idleSeconds: age(at) }])),
      };
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      await running;
      await ctx.db.sql`delete from workers where id = ${id}`.catch((error: unknown) =>
        ctx.log.warn({ err: error }, "could not unregister the worker"),
      );
    },
  };
}

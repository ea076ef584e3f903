import { statfs } from "node:fs/promises";
import path from "node:path";
import type { Context } from "@/server/context";
import { causeCode } from "@/server/errors";
import { ALIVE_SECONDS } from "@/server/services/batch-data-processor";

/** How long a part may take to answer before it counts as away, in milliseconds. */
const PATIENCE_MS = 3000;

interface PartHealth {
  readonly state: "ok" | "degraded" | "down";
  readonly latency_ms: number;
  /** What to do about it; null when ok. */
  readonly advice: string | null;
}

interface Health {
  /** `ready`: requests can be served. Only PostgreSQL away makes it `not_ready`. */
  readonly status: "ready" | "not_ready";
  readonly parts: Readonly<Record<"database" | "queue" | "worker" | "disk", PartHealth>>;
}

/** Asks every part at once how it is; never throws, and takes at most about three seconds. */
export async function checkHealth(ctx: Context): Promise<Health> {
  const [database, queue, worker, disk] = await Promise.all([
    timed(async () => {
      await ctx.db.sql`select 1`;
      return null;
    }, "PostgreSQL does not answer. Check that it runs and DATABASE_URL; it is found again by itself."),
    timed(
      async () => {
        await ctx.queue.ping();
        return null;
      },
      ctx.queue.backend === "redis"
        ? "Redis does not answer. Check that it runs and REDIS_URL; HTTP intake writes straight to PostgreSQL meanwhile."
        : "The queue is in PostgreSQL, which does not answer.",
    ),
    timed(() => checkWorkers(ctx), "Worker heartbeats are in PostgreSQL, which does not answer."),
    timed(() => checkDisk(ctx), "The disk of DATA_DIR cannot be looked at. Check that the folder exists."),
  ]);
  return {
    status: database.state === "down" ? "not_ready" : "ready",
    parts: { database, queue, worker, disk },
  };
}

/** Runs a check: what it returns is advice on a degraded part, what it throws means down. */
async function timed(check: () => Promise<string | null>, adviceWhenDown: string): Promise<PartHealth> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const advice = await Promise.race([check(), impatience]);
    return { state: advice === null ? "ok" : "degraded", latency_ms: latency(), advice };
  } catch {
    return { state: "down", latency_ms: latency(), advice: adviceWhenDown };
  } finally {
    clearTimeout(timer);
  }
}

async function checkWorkers(ctx: Context): Promise<string | null> {
  const alive = await ctx.db.sql`
    select 1 from workers
    where last_seen_at > now() - make_interval(secs => ${ALIVE_SECONDS})
    limit 1`;
  return alive.count > 0 ? null : "No worker is alive, so queued events wait. Start one with `npm run worker`.";
}

async function checkDisk(ctx: Context): Promise<string | null> {
  const { blocks, bavail } = await statOf(ctx.config.dataDir);
  const used = blocks === 0 ? 0 : 1 - Number(bavail) / Number(blocks);
  if (used <= ctx.config.alerts.diskUsage) return null;
  return `The disk of DATA_DIR is ${Math.round(used * 100)}% full. Free space, or shorten the retention.`;
}

/** DATA_DIR is made when first needed: until then its parent's disk is the one. */
async function statOf(folder: string): Promise<Awaited<ReturnType<typeof statfs>>> {
  try {
    return await statfs(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if (causeCode(error) !== "ENOENT" || parent === folder) throw error;
    return statOf(parent);
  }
}

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context } from "@/server/process/context";
import type { CollectorStatus } from "./contract";
import { ALIVE_SECONDS, HEARTBEAT_MS } from "./workers";

/** Returns the collectors that run or, within the last day, ended without having been stopped. */
export async function knownCollectors(sql: SqlExecutor): Promise<CollectorStatus[]> {
  const collectors = await sql<CollectorStatus[]>`
    select host, port, started_at::text, last_seen_at::text,
      last_seen_at > now() - make_interval(secs => ${ALIVE_SECONDS}) as is_alive
    from collectors
    where last_seen_at > now() - interval '1 day'
    order by host, port`;
  return collectors.map((collector) => ({
    ...collector,
    started_at: toIsoMicroseconds(collector.started_at),
    last_seen_at: toIsoMicroseconds(collector.last_seen_at),
  }));
}

/**
 * Registers this process as the collector of `port` until `stop`, which unregisters it. A failed heartbeat is retried
 * with the next one.
 */
export function startCollectorHeartbeat(ctx: Context, port: number): { stop(): Promise<void> } {
  const { sql } = ctx.db;
  const id = randomUUID();
  const startedAt = performance.now();
  const beat = async () => {
    // Times are by PostgreSQL's clock, which may differ from this machine's.
    const uptime = (performance.now() - startedAt) / 1_000;
    await sql`
      insert into collectors (host, port, id, started_at, last_seen_at)
      values (${hostname()}, ${port}, ${id}, now() - make_interval(secs => ${uptime}), now())
      on conflict (host, port) do update set
        id = excluded.id, started_at = excluded.started_at, last_seen_at = excluded.last_seen_at`;
    await sql`delete from collectors where last_seen_at < now() - interval '1 day'`;
  };
  let running: Promise<void> = Promise.resolve();
  const tick = () => {
    running = beat().catch((error: unknown) => ctx.log.debug({ error }, "heartbeat failed"));
  };
  tick();
  const timer = setInterval(tick, HEARTBEAT_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      await sql`delete from collectors where id = ${id}`.catch((error: unknown) =>
        ctx.log.warn({ err: error }, "could not unregister the collector"),
      );
    },
  };
}

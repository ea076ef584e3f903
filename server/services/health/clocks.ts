import { hostname } from "node:os";
import { certainDifference, clockDifference, MAX_CLOCK_DIFFERENCE_MS } from "@/server/db/clock";
import type { Context } from "@/server/process/context";

/** Older reports belong to processes that have exited. */
const RECENT_SECONDS = 60;

/** The name of Redis's clock among alert subjects. */
const REDIS = "Redis";

/** The name of this process among alert subjects: `HOST (PID)`. */
export const processName = () => `${hostname()} (${process.pid})`;

/** A clock and its offset from PostgreSQL's. */
export interface ClockReading {
  /** processName, or Redis. */
  readonly subject: string;
  readonly seconds: number;
}

/**
 * Records the offsets of this process's clock and of Redis's from PostgreSQL's clock. Runs a few times a minute in each
 * process.
 */
export function makeClockReport() {
  let differs = false;
  return async (ctx: Context): Promise<void> => {
    const own = await clockDifference(ctx.db.sql);
    // An unreachable Redis is reported by its own check.
    const redis = await queueDifference(ctx).catch(() => null);
    await ctx.db.sql`
      insert into process_clocks (process, difference_ms, queue_difference_ms, read_at)
      values (${processName()}, ${own}, ${redis}, now())
      on conflict (process) do update
      set difference_ms = excluded.difference_ms, queue_difference_ms = excluded.queue_difference_ms, read_at = now()`;
    await ctx.db.sql`delete from process_clocks where read_at < now() - interval '1 day'`;
    const differed = differs;
    differs = Math.abs(own) > MAX_CLOCK_DIFFERENCE_MS;
    if (differs && !differed) {
      const seconds = Math.round(own / 1_000);
      ctx.log.error(`clock differs from PostgreSQL's by ${seconds} s: this process runs no cleanup or scheduled task`);
    }
    if (differed && !differs) ctx.log.info("clock agrees with PostgreSQL's again");
  };
}

/** The latest readings of all processes and of Redis. */
export async function clockReadings(ctx: Context): Promise<ClockReading[]> {
  const rows = await ctx.db.health<{ process: string; own: number; redis: number | null }[]>`
    select process, abs(difference_ms) / 1000 as own, abs(queue_difference_ms) / 1000 as redis
    from process_clocks
    where read_at > now() - make_interval(secs => ${RECENT_SECONDS})`;
  const redis = rows.flatMap((row) => (row.redis === null ? [] : [row.redis]));
  return [
    ...rows.map(({ process, own }) => ({ subject: process, seconds: own })),
    ...(redis.length === 0 ? [] : [{ subject: REDIS, seconds: Math.min(...redis) }]),
  ];
}

/** Milliseconds by which the queue store's clock is ahead of PostgreSQL's; null when the store is PostgreSQL. */
async function queueDifference(ctx: Context): Promise<number | null> {
  const before = performance.now();
  const time = await ctx.queue.storeTime();
  if (time === null) return null;
  const roundTrip = performance.now() - before;
  return certainDifference(time - (ctx.now().getTime() - roundTrip / 2), roundTrip / 2);
}

import type { LogTableName } from "@/server/catalog";
import type { Sql } from "@/server/db/client";

/** Maximum share of time spent on counting. A count takes 0.1 s per million rows. */
const LOAD = 1 / 20;
const CACHE_MS = { min: 1_000, max: 10_000 };

interface Count {
  events: number;
  validUntil: number;
}

/**
 * Counts the events of a queue in log_queue, including those in flight. The count is cached and adjusted by this
 * process's own pushes and claims. It is accurate to about a second, or a few seconds for millions of rows.
 */
export function createCounter(sql: Sql) {
  const cached = new Map<LogTableName, Count>();
  const counting = new Map<LogTableName, Promise<number>>();

  async function count(queue: LogTableName): Promise<number> {
    const start = performance.now();
    const [row] = await sql<{ events: number }[]>`
      select count(*)::float8 as events
      from log_queue
      where queue = ${queue}`;
    const events = row?.events ?? 0;
    const now = performance.now();
    const lifetime = Math.min(Math.max((now - start) / LOAD, CACHE_MS.min), CACHE_MS.max);
    cached.set(queue, { events, validUntil: now + lifetime });
    return events;
  }

  return {
    read: async (queue: LogTableName): Promise<number> => {
      const last = cached.get(queue);
      if (last && performance.now() < last.validUntil) return last.events;
      const running = counting.get(queue) ?? count(queue).finally(() => counting.delete(queue));
      counting.set(queue, running);
      return await running;
    },
    add: (queue: LogTableName, events: number): void => {
      const last = cached.get(queue);
      if (last) last.events = Math.max(last.events + events, 0);
    },
  };
}

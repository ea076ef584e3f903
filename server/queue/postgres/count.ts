import type { LogTableName } from "@/server/catalog";
import type { Sql } from "@/server/db/client";

/** A count costs 0.1 s a million rows: counting takes about this share of the time. */
const LOAD = 1 / 20;
const KEPT_MS = { least: 1_000, most: 10_000 };

interface Count {
  events: number;
  validUntil: number;
}

/**
 * How many events log_queue holds of a queue, those in flight too. Kept between counts and moved by what
 * this process itself pushes and takes; exact to about a second, with millions waiting to a few seconds.
 */
export function createCounter(sql: Sql) {
  const known = new Map<LogTableName, Count>();
  const counting = new Map<LogTableName, Promise<number>>();

  async function count(queue: LogTableName): Promise<number> {
    const start = performance.now();
    const [row] = await sql<{ events: number }[]>`
      select count(*)::float8 as events
      from log_queue
      where queue = ${queue}`;
    const events = row?.events ?? 0;
    const now = performance.now();
    const kept = Math.min(Math.max((now - start) / LOAD, KEPT_MS.least), KEPT_MS.most);
    known.set(queue, { events, validUntil: now + kept });
    return events;
  }

  return {
    read: async (queue: LogTableName): Promise<number> => {
      const last = known.get(queue);
      if (last && performance.now() < last.validUntil) return last.events;
      const running = counting.get(queue) ?? count(queue).finally(() => counting.delete(queue));
      counting.set(queue, running);
      return await running;
    },
    add: (queue: LogTableName, events: number): void => {
      const last = known.get(queue);
      if (last) last.events = Math.max(last.events + events, 0);
    },
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "@/server/process/context";
import { BAD_EVENTS } from "./bad-events";
import { createRandom } from "./random";
import { DEMO_SEED, DEMO_TABLES, type DemoTable, generateAccessLogEvents, generateUserActivityEvents } from "./traffic";

const TICK_MS = 500;
const MAX_PER_TICK = { access_logs: 3, user_activities: 1 } satisfies Record<DemoTable, number>;
/** About one in 300 events is invalid, far below the alert threshold. */
const BAD_SHARE = 0.003;

/** Pushes a few events per second to the queues, like the platform's services, until `signal` aborts. */
export async function runLiveFlow(context: Context, signal: AbortSignal): Promise<void> {
  const random = createRandom(`live ${Date.now()}`);
  for (let start = new Date(); !signal.aborted; ) {
    await sleep(TICK_MS, undefined, { signal }).catch(() => {});
    const end = new Date();
    for (const name of DEMO_TABLES) {
      const payloads = eventsOf(name, random.whole(0, MAX_PER_TICK[name]), start, end);
      if (random.chance(BAD_SHARE)) payloads.push(BAD_EVENTS[name][random.whole(0, BAD_EVENTS[name].length - 1)] ?? "");
      try {
        if (payloads.length > 0) await context.queue.push(name, payloads);
      } catch (error) {
        context.log.warn({ err: error }, "Could not push demo events to the queue; retrying.");
      }
    }
    start = end;
  }
}

function eventsOf(name: DemoTable, count: number, start: Date, end: Date): string[] {
  const generate = { access_logs: generateAccessLogEvents, user_activities: generateUserActivityEvents }[name];
  const events: Iterable<object> = generate(count, { seed: DEMO_SEED, start, end });
  return Array.from(events, (event) => JSON.stringify(event));
}

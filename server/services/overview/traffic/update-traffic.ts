import type { Context } from "@/server/process/context";
import { countStaleDay, takeTouchedHours } from "./count-traffic";

/** An hour that rows keep coming into is counted anew so often, at most. */
const AGAIN_MS = 20_000;

/** How much of one of PostgreSQL's processors counting may take, and for how long at a time. */
interface Pace {
  readonly share: number;
  readonly turnMs: number;
}

/** While rows come in, for the last day and for all others each: a sixtieth together. */
const BUSY: Pace = { share: 1 / 120, turnMs: 100 };
/** Otherwise what waits is counted soon, and a third of the processor is left to whatever else is asked. */
const IDLE: Pace = { share: 2 / 3, turnMs: 1_000 };
/** More rows a second are a load beside which counting would be felt. */
const BUSY_ROWS_PER_SECOND = 500;

/**
 * Counts what is stale whenever it is asked to. While many rows come in it takes a sixtieth of one processor, and the
 * counts are that much later; afterwards it catches up. What is going on now does not wait until a big import or
 * cleanup of older days is counted.
 */
export function makeTrafficKeeper(now: () => number = () => performance.now()) {
  const recent = new Map<string, number>();
  const kinds = [
    { isRecent: true, restUntil: 0 },
    { isRecent: false, restUntil: 0 },
  ];
  let pace = IDLE;
  return async (ctx: Context): Promise<void> => {
    // Also while counting rests: who reads the counts is told what waits.
    await takeTouchedHours(ctx);
    const before = pace;
    pace = (await isBusy(ctx)) ? BUSY : IDLE;
    // A long rest that was due beside the load ends with it.
    if (pace === IDLE && before === BUSY) for (const kind of kinds) kind.restUntil = 0;
    for (const [hour, at] of recent) if (now() - at > AGAIN_MS) recent.delete(hour);
    for (const kind of kinds) {
      if (now() < kind.restUntil) continue;
      for (let took = 0; took < pace.turnMs; ) {
        const counted = await countStaleDay(ctx, { except: [...recent.keys()], isRecent: kind.isRecent });
        if (!counted) break;
        took += counted.took;
        kind.restUntil = now() + took * (1 / pace.share - 1);
        for (const hour of counted.hours) recent.set(hour, now());
      }
    }
  };
}

/** Whether rows are stored at such a rate: by the counters of the last 5 to 15 seconds. */
async function isBusy(ctx: Context): Promise<boolean> {
  const [row] = await ctx.db.sql<{ rows: number }[]>`
    select coalesce(sum(inserted), 0)::float8 as rows
    from intake_counters
    where bucket > now() - interval '15 seconds'`;
  return (row?.rows ?? 0) > BUSY_ROWS_PER_SECOND * 10;
}

import type { Context } from "@/server/process/context";
import { countDirtyDay, takeDirtyHours } from "./count-traffic";

/** The minimum time between two counts of an hour that keeps receiving rows. */
const RECOUNT_INTERVAL_MS = 20_000;

/** The share of one PostgreSQL CPU that counting may use, and the length of a turn. */
interface Pace {
  readonly share: number;
  readonly turnMs: number;
}

/** Under load, for recent and for older hours each: one sixtieth together. */
const BUSY: Pace = { share: 1 / 120, turnMs: 100 };
/** Otherwise the backlog is counted soon, and a third of the CPU remains for other queries. */
const IDLE: Pace = { share: 2 / 3, turnMs: 1_000 };
/** Above this insert rate, counting would slow intake down. */
const BUSY_ROWS_PER_SECOND = 500;

/**
 * Creates an updater that counts dirty hours on each call. Under load it uses one sixtieth of one CPU, and catches up
 * later. Recent hours do not wait for a large import or cleanup of older days.
 */
export function makeTrafficUpdater(now: () => number = () => performance.now()) {
  const recent = new Map<string, number>();
  const kinds = [
    { isRecent: true, restUntil: 0 },
    { isRecent: false, restUntil: 0 },
  ];
  let pace = IDLE;
  return async (ctx: Context): Promise<void> => {
    // Runs also while counting is throttled, so that readers see the number of dirty hours.
    await takeDirtyHours(ctx);
    const before = pace;
    pace = (await isIntakeBusy(ctx)) ? BUSY : IDLE;
    // A long pause that was set under load ends with it.
    if (pace === IDLE && before === BUSY) for (const kind of kinds) kind.restUntil = 0;
    for (const [hour, at] of recent) if (now() - at > RECOUNT_INTERVAL_MS) recent.delete(hour);
    for (const kind of kinds) {
      if (now() < kind.restUntil) continue;
      for (let took = 0; took < pace.turnMs; ) {
        const counted = await countDirtyDay(ctx, { except: [...recent.keys()], isRecent: kind.isRecent });
        if (!counted) break;
        took += counted.took;
        kind.restUntil = now() + took * (1 / pace.share - 1);
        for (const hour of counted.hours) recent.set(hour, now());
      }
    }
  };
}

/** Returns whether so many rows are inserted that other work should wait, by the counters of the last 5 to 15 seconds. */
export async function isIntakeBusy(ctx: Context): Promise<boolean> {
  const [row] = await ctx.db.sql<{ rows: number }[]>`
    select coalesce(sum(inserted), 0)::float8 as rows
    from intake_counters
    where bucket > now() - interval '15 seconds'`;
  return (row?.rows ?? 0) > BUSY_ROWS_PER_SECOND * 10;
}

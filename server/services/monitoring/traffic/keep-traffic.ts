import type { Context } from "@/server/context";
import { countStaleDay, takeTouchedHours } from "./count-traffic";

/** An hour that rows keep coming into is counted anew so often, at most. */
const AGAIN_MS = 20_000;
/** Counting may take so much of one of PostgreSQL's processors: after it, nothing is counted for as much longer. */
const SHARE = 1 / 60;
/** Days without rows take next to nothing: many are counted in one turn. */
const TURN_MS = 100;

/**
 * Counts what is stale whenever it is asked to, and as rarely as keeps it cheap: however fast rows come in, counting
 * them takes a sixtieth of one processor, and the counts are that much later.
 */
export function makeTrafficKeeper(now: () => number = () => performance.now()) {
  const recent = new Map<string, number>();
  let restUntil = 0;
  return async (ctx: Context): Promise<void> => {
    if (now() < restUntil) return;
    for (const [hour, at] of recent) if (now() - at > AGAIN_MS) recent.delete(hour);
    await takeTouchedHours(ctx);
    for (let took = 0; took < TURN_MS; ) {
      const counted = await countStaleDay(ctx, [...recent.keys()]);
      if (!counted) return;
      took += counted.took;
      restUntil = now() + took / SHARE;
      for (const hour of counted.hours) recent.set(hour, now());
    }
  };
}

import type { Context } from "@/server/context";
import { countStaleDay, takeTouchedHours } from "./count-traffic";

/** An hour that rows keep coming into is counted anew so often, at most. */
const AGAIN_MS = 20_000;
/**
 * Counting the last day may take so much of one of PostgreSQL's processors, and counting all others as much again:
 * after it, nothing of the kind is counted for as much longer.
 */
const SHARE = 1 / 120;
/** Days without rows take next to nothing: many are counted in one turn. */
const TURN_MS = 100;

/**
 * Counts what is stale whenever it is asked to, and as rarely as keeps it cheap: however fast rows come in, counting
 * them takes a sixtieth of one processor, and the counts are that much later. What is going on now does not wait
 * until a big import or cleanup of older days is counted.
 */
export function makeTrafficKeeper(now: () => number = () => performance.now()) {
  const recent = new Map<string, number>();
  const kinds = [
    { isRecent: true, restUntil: 0 },
    { isRecent: false, restUntil: 0 },
  ];
  return async (ctx: Context): Promise<void> => {
    const due = kinds.filter(({ restUntil }) => now() >= restUntil);
    if (due.length === 0) return;
    for (const [hour, at] of recent) if (now() - at > AGAIN_MS) recent.delete(hour);
    await takeTouchedHours(ctx);
    for (const kind of due) {
      for (let took = 0; took < TURN_MS; ) {
        const counted = await countStaleDay(ctx, { except: [...recent.keys()], isRecent: kind.isRecent });
        if (!counted) break;
        took += counted.took;
        kind.restUntil = now() + took / SHARE;
        for (const hour of counted.hours) recent.set(hour, now());
      }
    }
  };
}

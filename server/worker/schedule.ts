/** Delays between polls of an empty queue and after failures, doubled each time. Milliseconds. */
const IDLE = { first: 20, max: 500 };
const OUTAGE = { first: 100, max: 2_000 };
const FAULT = { first: 1_000, max: 15_000 };
/** A lane with a batch for longer may be blocked, and no longer counts as the poller of the queue. */
const SLOW_MS = 2_000;

type Outcome = number | "outage" | "failed";

export interface Turn {
  /** Number of events to request. */
  readonly size: number;
  /** Ends the turn with the number of events taken, or the reason why none was stored. */
  end(outcome: Outcome): void;
}

/**
 * Decides when a lane polls its queue and how many events it requests. The batch size grows from `batchSize` to
 * `maxBatchSize` while claims are full. A queue that was empty or failed is polled by one lane at a time with growing
 * intervals, or by another lane if the first is blocked.
 */
export function makeSchedule(
  sizes: { batchSize: number; maxBatchSize: number },
  now: () => number = () => performance.now(),
) {
  const turns = new Set<{ readonly at: number }>();
  let size = sizes.batchSize;
  let wait = 0;
  let dueAt = 0;

  const postpone = ({ first, max }: { first: number; max: number }) => {
    wait = Math.min(Math.max(wait * 2, first), max);
    dueAt = now() + wait;
  };
  const isPolled = () => [...turns].some(({ at }) => now() - at < SLOW_MS);

  return {
    /** @returns null if no poll is due */
    next(): Turn | null {
      if (dueAt > now() || (wait > 0 && isPolled())) return null;
      const turn = { at: now() };
      turns.add(turn);
      const requested = size;
      return {
        size: requested,
        end: (outcome) => {
          turns.delete(turn);
          if (outcome === "outage") return postpone(OUTAGE);
          if (outcome === "failed") return postpone(FAULT);
          if (outcome === 0) {
            size = sizes.batchSize;
            // Independent of the other lane: if each left the delay to the other, they would poll without a pause.
            // Storing a batch ends the delay.
            return postpone(IDLE);
          }
          wait = 0;
          dueAt = 0;
          size = outcome < requested ? sizes.batchSize : Math.min(requested * 2, sizes.maxBatchSize);
        },
      };
    },
  };
}

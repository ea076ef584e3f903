/** Waits between looks at an empty queue, and after failures; doubled each time. Milliseconds. */
const IDLE = { first: 20, max: 500 };
const OUTAGE = { first: 100, max: 2_000 };
const FAULT = { first: 1_000, max: 15_000 };
/** A lane that is at a batch for longer may hang: it counts no more as the one that looks after the queue. */
const SLOW_MS = 2_000;

type Outcome = number | "outage" | "failed";

export interface Turn {
  /** Events to ask for. */
  readonly size: number;
  /** Ends the turn with what came of it: how many events were taken, or why none was stored. */
  end(outcome: Outcome): void;
}

/**
 * Decides when a lane of a queue looks for events and how many it asks for. A batch grows from `batchSize` to
 * `maxBatchSize` while claims come back full. A queue that was empty, or failed, is looked at by one lane at a time,
 * ever more rarely; by another where that one has been at it for long.
 */
export function makeSchedule(
  sizes: { batchSize: number; maxBatchSize: number },
  now: () => number = () => performance.now(),
) {
  const begun = new Set<{ readonly at: number }>();
  let size = sizes.batchSize;
  let wait = 0;
  let dueAt = 0;

  const postpone = ({ first, max }: { first: number; max: number }) => {
    wait = Math.min(Math.max(wait * 2, first), max);
    dueAt = now() + wait;
  };
  const isLookedAfter = () => [...begun].some(({ at }) => now() - at < SLOW_MS);

  return {
    /** @returns null when no look is due */
    next(): Turn | null {
      if (dueAt > now() || (wait > 0 && isLookedAfter())) return null;
      const turn = { at: now() };
      begun.add(turn);
      const asked = size;
      return {
        size: asked,
        end: (outcome) => {
          begun.delete(turn);
          if (outcome === "outage") return postpone(OUTAGE);
          if (outcome === "failed") return postpone(FAULT);
          if (outcome === 0) {
            size = sizes.batchSize;
            // Whatever the other lane is at: two that each left the wait to the other would look without a pause. A
            // batch that it stores ends the wait.
            return postpone(IDLE);
          }
          wait = 0;
          dueAt = 0;
          size = outcome < asked ? sizes.batchSize : Math.min(asked * 2, sizes.maxBatchSize);
        },
      };
    },
  };
}

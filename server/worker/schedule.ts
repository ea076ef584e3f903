import type { LogTableName } from "@/server/catalog";

/** Waits between looks at an empty queue, and after failures; doubled each time. Milliseconds. */
const IDLE = { first: 20, most: 500 };
const OUTAGE = { first: 100, most: 2_000 };
const FAULT = { first: 1_000, most: 30_000 };

interface QueueTurn {
  readonly name: LogTableName;
  size: number;
  dueAt: number;
  servedAt: number;
  wait: number;
  /** Lanes at it now. */
  lanes: number;
}

export interface Turn {
  readonly queue: LogTableName;
  /** Events to ask for. */
  readonly size: number;
  /** Ends the turn with what came of it. */
  end(outcome: number | "away" | "failed"): void;
}

/**
 * Decides which queue a free lane serves next and how much it asks for: the one served longest ago. A
 * batch grows from `batchSize` to `maxBatchSize` while claims come back full. A queue that was empty, or
 * failed, is looked at by one lane at a time, ever more rarely.
 */
export function makeSchedule(
  names: readonly LogTableName[],
  sizes: { batchSize: number; maxBatchSize: number },
  now: () => number = () => performance.now(),
) {
  const queues = names.map(
    (name): QueueTurn => ({ name, size: sizes.batchSize, dueAt: 0, servedAt: 0, wait: 0, lanes: 0 }),
  );

  function hold(queue: QueueTurn, { first, most }: { first: number; most: number }): void {
    queue.wait = Math.min(Math.max(queue.wait * 2, first), most);
    queue.dueAt = now() + queue.wait;
  }

  function end(queue: QueueTurn, asked: number, outcome: number | "away" | "failed"): void {
    queue.lanes--;
    if (outcome === "away") {
      hold(queue, OUTAGE);
    } else if (outcome === "failed") {
      hold(queue, FAULT);
    } else if (outcome === 0) {
      queue.size = sizes.batchSize;
      // A lane that came too late says nothing about a queue that others found full.
      if (queue.lanes === 0) hold(queue, IDLE);
    } else {
      queue.wait = 0;
      queue.dueAt = 0;
      queue.size = outcome < asked ? sizes.batchSize : Math.min(asked * 2, sizes.maxBatchSize);
    }
  }

  return {
    /** @returns null when no queue is due */
    next(): Turn | null {
      const due = queues
        .filter((queue) => queue.dueAt <= now() && (queue.wait === 0 || queue.lanes === 0))
        .sort((a, b) => a.servedAt - b.servedAt)[0];
      if (!due) return null;
      due.lanes++;
      due.servedAt = now();
      const asked = due.size;
      return { queue: due.name, size: asked, end: (outcome) => end(due, asked, outcome) };
    },
  };
}

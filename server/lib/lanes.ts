export interface Lanes {
  /** Waits for a free lane, then starts `work` without waiting for it. @throws what earlier work threw */
  start(work: () => Promise<void>): Promise<void>;
  /** Waits for all that was started. @throws the first failure among it */
  settle(): Promise<void>;
}

/** Runs up to `width` pieces of work at a time; whoever starts more waits, which is the backpressure. */
export function makeLanes(width: number): Lanes {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const throwFailure = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    async start(work) {
      while (running.size >= width) await Promise.race(running);
      throwFailure();
      const task = work().then(
        () => void running.delete(task),
        (error: unknown) => {
          running.delete(task);
          failures.push(error);
        },
      );
      running.add(task);
    },
    async settle() {
      await Promise.all(running);
      throwFailure();
    },
  };
}

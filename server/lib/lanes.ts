export interface Lanes {
  /** Waits for a free lane, then starts `work` without waiting for it. @throws the error of earlier work */
  start(work: () => Promise<void>): Promise<void>;
  /** Waits for all started work. @throws the first error */
  settle(): Promise<void>;
}

/** Runs up to `width` tasks concurrently. Starting more tasks waits, which provides backpressure. */
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

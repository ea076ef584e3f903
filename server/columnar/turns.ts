export interface Turns {
  /**
   * Waits until a statement of `user` may run.
   * @returns ends the turn
   * @throws the signal's reason
   */
  take(user: string, signal?: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly start: () => void;
}

/**
 * Limits the number of concurrent statements. When one ends, the user whose last statement started first is next, so
 * that many statements of one user do not delay those of another.
 */
export function makeTurns({ atOnce, perUser }: { readonly atOnce: number; readonly perUser: number }): Turns {
  /** Users with waiting statements, in the order of their turns. */
  const queues = new Map<string, Waiter[]>();
  const running = new Map<string, number>();
  let total = 0;

  function startNext(): void {
    if (total >= atOnce) return;
    for (const [user, queue] of queues) {
      const count = running.get(user) ?? 0;
      if (count >= perUser) continue;
      const waiter = queue.shift();
      queues.delete(user);
      if (queue.length > 0) queues.set(user, queue);
      if (!waiter) continue;
      total++;
      running.set(user, count + 1);
      waiter.start();
      startNext();
      return;
    }
  }

  function end(user: string): void {
    total--;
    const count = (running.get(user) ?? 0) - 1;
    if (count > 0) running.set(user, count);
    else running.delete(user);
    startNext();
  }

  return {
    take: (user, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const waiter: Waiter = {
          start: () => {
            signal?.removeEventListener("abort", onAbort);
            let isOver = false;
            resolve(() => {
              if (!isOver) end(user);
              isOver = true;
            });
          },
        };
        const onAbort = () => {
          const queue = queues.get(user)?.filter((other) => other !== waiter) ?? [];
          if (queue.length > 0) queues.set(user, queue);
          else queues.delete(user);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        queues.set(user, [...(queues.get(user) ?? []), waiter]);
        startNext();
      }),
  };
}

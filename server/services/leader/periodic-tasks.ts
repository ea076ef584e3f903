import { isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

export interface PeriodicTask {
  /** Milliseconds between starts; undefined starts it on every pass. */
  readonly every?: number;
  readonly work: (ctx: Context) => Promise<void>;
}

/** Runs tasks concurrently, so that a slow or failing one does not delay the others. */
export function makePeriodicTasks(ctx: Context, tasks: readonly PeriodicTask[]) {
  const entries = tasks.map(({ every = 0, work }) => {
    let running: Promise<void> | null = null;
    let startedAt = Number.NEGATIVE_INFINITY;
    let lastError = "";
    return {
      begin(): void {
        // A clock that is set back must not pause the tasks.
        const now = performance.now();
        if (running || now - startedAt < every) return;
        startedAt = now;
        running = work(ctx)
          .then(() => {
            lastError = "";
          })
          .catch((error: unknown) => {
            // An unreachable PostgreSQL is reported by the lock check. Repeated errors are logged once.
            if (isDatabaseUnreachable(error) || String(error) === lastError) return;
            lastError = String(error);
            ctx.log.error({ err: error }, "a monitoring task failed; it will be retried");
          })
          .finally(() => {
            running = null;
          });
      },
      ended: async () => await running,
    };
  });
  return {
    /** Starts the tasks that are due and not running. */
    begin: () => {
      for (const entry of entries) entry.begin();
    },
    /** Waits for running tasks. */
    ended: async () => {
      await Promise.all(entries.map((entry) => entry.ended()));
    },
  };
}

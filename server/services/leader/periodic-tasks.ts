import { isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

export interface PeriodicTask {
  /** Milliseconds from one beginning to the next; each time there is a look where there is none. */
  readonly every?: number;
  readonly work: (ctx: Context) => Promise<void>;
}

/** Work that goes on beside each other: what is slow, or fails, keeps nothing else from its turn. */
export function makePeriodicTasks(ctx: Context, tasks: readonly PeriodicTask[]) {
  const kept = tasks.map(({ every = 0, work }) => {
    let running: Promise<void> | null = null;
    let begunAt = Number.NEGATIVE_INFINITY;
    let trouble = "";
    return {
      begin(): void {
        const now = ctx.now().getTime();
        if (running || now - begunAt < every) return;
        begunAt = now;
        running = work(ctx)
          .then(() => {
            trouble = "";
          })
          .catch((error: unknown) => {
            // That PostgreSQL is unreachable is reported by who looks for the lock. The same words each second are no news.
            if (isDatabaseUnreachable(error) || String(error) === trouble) return;
            trouble = String(error);
            ctx.log.error({ err: error }, "a part of monitoring failed; it goes on");
          })
          .finally(() => {
            running = null;
          });
      },
      ended: async () => await running,
    };
  });
  return {
    /** Begins what is due and does not run. */
    begin: () => {
      for (const duty of kept) duty.begin();
    },
    /** Waits for what runs. */
    ended: async () => {
      await Promise.all(kept.map((duty) => duty.ended()));
    },
  };
}

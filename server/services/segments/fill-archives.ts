import { isDatabaseUnreachable } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { fillArchiveBlocks } from "@/server/services/archive-files";
import { rest, restUnderLoad } from "./rest";
import { makeRetries } from "./retries";

/** Milliseconds between looks for archives, and of work between pauses. */
const IDLE_MS = 30_000;
const WORK_MS = 500;

/** Records the blocks of archives that have none, until `signal` aborts. Searches read such archives completely. */
export async function fillArchives(ctx: Context, signal: AbortSignal): Promise<void> {
  const retries = makeRetries();
  let beganAt = performance.now();
  const pause = async () => {
    const took = performance.now() - beganAt;
    if (took < WORK_MS) return;
    await restUnderLoad(ctx, took, signal);
    beganAt = performance.now();
  };
  while (!signal.aborted) {
    let isIdle = true;
    try {
      beganAt = performance.now();
      const filled = await fillArchiveBlocks(ctx, { signal, except: retries.waiting(), pause });
      isIdle = filled === undefined;
      if (filled?.error !== undefined) {
        retries.failed([filled.id]);
        if (!isDatabaseUnreachable(filled.error))
          ctx.log.warn({ err: filled.error, archive: filled.id }, "an archive could not be prepared for fast searches");
      }
    } catch (error) {
      if (!signal.aborted && !isDatabaseUnreachable(error))
        ctx.log.warn({ err: error }, "archives could not be prepared for fast searches; it will be retried");
    }
    if (isIdle) await rest(IDLE_MS, signal);
  }
}

import type { Context } from "@/server/process/context";
import { FilesNeeded, requireCacheSpace } from "@/server/services/segment-files";

/** The part of the time limit in which files are awaited. The rest is for the answer. */
const WAIT_SHARE = 0.6;

/**
 * Runs `work`, again after the files that it needs were fetched, so that its transaction does not wait for them.
 * @throws the error of `work`; AppError columnar.no_cache_space, columnar.files_not_fetched or archive.being_prepared when
 * the files are not available in time, files.*; the reason of the caller's signal
 */
export async function withFiles<T>(ctx: Context, milliseconds: number, work: () => Promise<T>): Promise<T> {
  const timeout = AbortSignal.timeout(Math.ceil(milliseconds * WAIT_SHARE));
  const caller = ctx.columnar.signal;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FilesNeeded)) throw error;
      await requireCacheSpace(ctx, error.need.files);
      try {
        const signal = caller ? AbortSignal.any([caller, timeout]) : timeout;
        signal.throwIfAborted();
        await error.need.fetch(signal);
      } catch (failure) {
        if (failure === timeout.reason && !caller?.aborted) throw error.need.explain();
        throw failure;
      }
    }
  }
}

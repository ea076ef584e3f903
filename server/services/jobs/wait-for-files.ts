import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { errorValue } from "@/server/catalog/errors";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { JobProgress } from "./contract";
import { JobStopped } from "./types";

/** How long a job waits for an unavailable object store, and the delays between its attempts. */
export interface FilesWait {
  readonly limitMs: number;
  readonly firstMs: number;
  readonly maxMs: number;
}

export const FILES_WAIT: FilesWait = { limitMs: 30 * 60_000, firstMs: 1_000, maxMs: 15_000 };

interface Waiting {
  readonly wait: FilesWait;
  readonly signal: AbortSignal;
  readonly progress: () => JobProgress | null;
  readonly onWait: (reason: string) => void;
}

/**
 * Repeats a job's work while the object store is unavailable. The time starts again when the work got further than
 * before.
 * @throws the error of `work`; files.wait_ended in place of the store's error after the limit
 */
export async function retryWithoutFiles<T>(
  { files }: Pick<Context, "files">,
  work: () => Promise<T>,
  { wait, signal, progress, onWait }: Waiting,
): Promise<T> {
  let since: number | undefined;
  let furthest = -1;
  let delay = wait.firstMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const reason = outageOf(error);
      if (reason === undefined || signal.aborted) throw error;
      const done = progress()?.done ?? 0;
      if (since === undefined || done > furthest) {
        since = performance.now();
        delay = wait.firstMs;
      }
      furthest = Math.max(furthest, done);
      onWait(reason);
      // The work is repeated only when the store responds, because it may read many rows first.
      for (let isAvailable = false; !isAvailable; ) {
        const minutes = Math.round((performance.now() - since) / 60_000);
        if (performance.now() - since >= wait.limitMs) throw waitEnded(error, minutes, reason);
        await sleep(delay, undefined, { signal }).catch(() => {});
        if (signal.aborted) throw error;
        delay = Math.min(delay * 2, wait.maxMs);
        isAvailable = await files.current.check().then(
          () => true,
          (failure: unknown) => outageOf(failure) === undefined,
        );
      }
    }
  }
}

const unavailable = z.object({ code: z.literal("files.store_unavailable"), params: z.object({ reason: z.string() }) });
const notWritten = z.object({ code: z.literal("archive.not_written"), params: z.object({ reason: unavailable }) });

/** Returns the reason why the object store was unavailable, if this ended the work. */
function outageOf(error: unknown): string | undefined {
  const cause = error instanceof JobStopped ? error.cause : error;
  if (!(cause instanceof AppError)) return undefined;
  const direct = unavailable.safeParse(cause);
  return direct.data?.params.reason ?? notWritten.safeParse(cause).data?.params.reason.params.reason;
}

function waitEnded(error: unknown, minutes: number, reason: string): unknown {
  if (error instanceof JobStopped) {
    return new JobStopped(error.result, { cause: waitEnded(error.cause, minutes, reason) });
  }
  const params = { minutes, reason };
  if (error instanceof AppError && error.code === "archive.not_written") {
    return new AppError("archive.not_written", { reason: errorValue("files.wait_ended", params) }, { cause: error });
  }
  return new AppError("files.wait_ended", params, { cause: error });
}

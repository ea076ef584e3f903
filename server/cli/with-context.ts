import type { Context } from "@/server/process/context";
import { StartError } from "@/server/process/start-error";
import { stopSignal } from "@/server/process/stop-signal";

const ABORT_TIMEOUT_MS = 5_000;

/**
 * Runs `work` with a context that is closed afterwards. Ctrl-C aborts `signal`; the context is closed 5 seconds later
 * even if `work` has not ended.
 * @throws the error of `work`, or an error that reports the interruption
 */
export async function withContext<T>(work: (context: Context, signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = stopSignal();
  const { openContext } = await import("@/server/process/open-context");
  const opened = await openContext("cli");
  try {
    const result = await Promise.race([work(opened.context, signal), interrupted(signal)]);
    if (signal.aborted) throw new StartError("Interrupted.");
    return result;
  } finally {
    await opened.close();
  }
}

function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const startTimeout = () => setTimeout(() => reject(new StartError("Interrupted.")), ABORT_TIMEOUT_MS).unref();
    if (signal.aborted) startTimeout();
    else signal.addEventListener("abort", startTimeout, { once: true });
  });
}

import { type Config, loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogger } from "@/server/process/logger";
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

/** An opened database, with the schema that it has. */
export interface OpenedDatabase {
  readonly config: Config;
  readonly url: string;
  readonly signal: AbortSignal;
}

/** Like withContext, with the database alone, which is not migrated. */
export async function withDatabase<T>(work: (opened: OpenedDatabase) => Promise<T>): Promise<T> {
  const signal = stopSignal();
  const { prepareDatabase } = await import("@/server/process/open-context");
  const config = loadConfig();
  const { url, release } = await prepareDatabase(config, "command", createLogger(config, "cli"), { isMigrated: false });
  try {
    return await Promise.race([work({ config, url, signal }), interrupted(signal)]);
  } catch (error) {
    throw signal.aborted ? new StartError("Interrupted.", { cause: error }) : error;
  } finally {
    await release();
  }
}

function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const startTimeout = () => setTimeout(() => reject(new StartError("Interrupted.")), ABORT_TIMEOUT_MS).unref();
    if (signal.aborted) startTimeout();
    else signal.addEventListener("abort", startTimeout, { once: true });
  });
}

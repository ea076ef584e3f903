import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { connectForLongWork, type Sql } from "../client";
import { pendingSteps } from "./pending-steps";
import { runPendingSteps } from "./run-steps";

const RETRY_MS = 5_000;

interface Options {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs the pending steps of migrations. One process of the installation runs them; the others wait, and take over if it
 * exits. Ends when none is pending, or `signal` aborts.
 * @throws the error of a step
 */
export async function finishSteps(url: string, sql: Sql, options: Options): Promise<void> {
  const { signal } = options;
  while (!signal.aborted && (await pendingSteps(sql))) {
    try {
      if (await runStepsAlone(url, options)) return;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Like `finishSteps`, but retries a step that fails. Never throws. */
export async function finishStepsInBackground(url: string, sql: Sql, options: Options): Promise<void> {
  const { log, signal } = options;
  for (let lastError = ""; !signal.aborted; ) {
    try {
      return await finishSteps(url, sql, options);
    } catch (error) {
      if (String(error) !== lastError) log.error({ err: error }, "a step of a migration failed; it will be retried");
      lastError = String(error);
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Runs the pending steps unless another process does. @returns whether this process ran them */
async function runStepsAlone(url: string, options: Options): Promise<boolean> {
  const sql = connectForLongWork(url, "batch-console schema steps");
  try {
    const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const cancel = () => backend && void cancelBackend(url, backend.pid);
    options.signal.addEventListener("abort", cancel, { once: true });
    try {
      return await runPendingSteps(sql, options);
    } finally {
      options.signal.removeEventListener("abort", cancel);
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Cancels the statement in progress, so that an index build does not continue after the end of this process. */
async function cancelBackend(url: string, pid: number): Promise<void> {
  const sql = connectForLongWork(url, "batch-console schema steps cancellation");
  await sql`select pg_cancel_backend(${pid})`.catch(() => {});
  await sql.end({ timeout: 1 });
}

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Aborts once this process is asked to end: SIGTERM, SIGINT (Ctrl-C), SIGHUP (the terminal is gone),
 * or the process that started it is gone. Asking again changes nothing.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => controller.abort(name));
  }
  if (process.connected) process.once("disconnect", () => controller.abort("disconnect"));
  // It went before anybody listened.
  else if (process.send) controller.abort("disconnect");
  return controller.signal;
}

/** Resolves so long after `signal` aborts, as a limit to work that waits for what may not answer. */
export async function patienceAfter(signal: AbortSignal, milliseconds: number): Promise<void> {
  await aborted(signal);
  await sleep(milliseconds, undefined, { ref: false });
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

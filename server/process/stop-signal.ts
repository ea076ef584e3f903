import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Returns a signal that aborts when this process must stop: on SIGTERM, SIGINT (Ctrl-C), SIGHUP (the terminal
 * was closed), or when its parent process has exited. Repeated requests have no effect.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  // Every loop of the process listens to it, so many listeners are no leak.
  setMaxListeners(0, controller.signal);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => controller.abort(name));
  }
  if (process.connected) process.once("disconnect", () => controller.abort("disconnect"));
  // The parent exited before the listener was added.
  else if (process.send) controller.abort("disconnect");
  return controller.signal;
}

/** Resolves `milliseconds` after `signal` aborts, as a limit for work that may never finish. */
export async function timeoutAfter(signal: AbortSignal, milliseconds: number): Promise<void> {
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

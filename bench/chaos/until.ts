import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;

/** Waits for a condition. @returns false if it is not met in time */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; await sleep(POLL_MS)) {
    if (await condition()) return true;
  }
  return false;
}

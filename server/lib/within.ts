import { setTimeout as sleep } from "node:timers/promises";

/** Returns the result of `promise`, or undefined after `ms`. The promise is not cancelled. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const end = sleep(Math.max(0, ms), undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, end]);
  } finally {
    timer.abort();
  }
}

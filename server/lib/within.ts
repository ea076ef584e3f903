import { setTimeout as sleep } from "node:timers/promises";

/** What `promise` gives within `ms`, else undefined; the promise goes on. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const timer = new AbortController();
  const end = sleep(Math.max(0, ms), undefined, { signal: timer.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, end]);
  } finally {
    timer.abort();
  }
}

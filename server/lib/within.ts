import { setTimeout as sleep } from "node:timers/promises";

/** Returns the value of `promise`, or undefined if it does not settle within `ms`. A later rejection is ignored. */
export async function within<T>(promise: PromiseLike<T>, ms: number): Promise<T | undefined> {
  return await race(promise, ms, () => undefined);
}

/** Like `within`, but throws on timeout. @throws the error that `timeoutError` creates */
export async function withTimeout<T>(promise: PromiseLike<T>, ms: number, timeoutError: () => Error): Promise<T> {
  return await race(promise, ms, () => {
    throw timeoutError();
  });
}

async function race<T, L>(promise: PromiseLike<T>, ms: number, onTimeout: () => L): Promise<T | L> {
  const timer = new AbortController();
  const end = sleep(Math.max(0, ms), undefined, { signal: timer.signal });
  // Handles the rejection of the promise that loses the race.
  end.catch(() => {});
  promise.then(undefined, () => {});
  try {
    return await Promise.race([promise, end.then(onTimeout)]);
  } finally {
    timer.abort();
  }
}

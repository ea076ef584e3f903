import { setTimeout as sleep } from "node:timers/promises";

/** What `promise` gives within `ms`, else undefined; the promise goes on, and a later failure of it is nobody's. */
export async function within<T>(promise: PromiseLike<T>, ms: number): Promise<T | undefined> {
  return await race(promise, ms, () => undefined);
}

/** What `promise` gives within `ms`; as within otherwise. @throws what `late` makes, when it takes longer */
export async function answerWithin<T>(promise: PromiseLike<T>, ms: number, late: () => Error): Promise<T> {
  return await race(promise, ms, () => {
    throw late();
  });
}

async function race<T, L>(promise: PromiseLike<T>, ms: number, onLate: () => L): Promise<T | L> {
  const timer = new AbortController();
  const end = sleep(Math.max(0, ms), undefined, { signal: timer.signal });
  // The one that loses fails unheard.
  end.catch(() => {});
  promise.then(undefined, () => {});
  try {
    return await Promise.race([promise, end.then(onLate)]);
  } finally {
    timer.abort();
  }
}

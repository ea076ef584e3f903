const readings = new WeakMap<object, Map<string, Promise<unknown>>>();

/**
 * Returns the result of `read`, shared by all callers in this process: a call during the read, or up to `freshMs` after
 * its start, gets the same result. A failure reaches only the callers that wait for it.
 * @param owner the object that the results belong to; they are released with it
 * @param key identifies the result; callers with equal keys must expect the same result
 */
export function shareReading<T>(owner: object, key: string, read: () => Promise<T>, freshMs = 0): Promise<T> {
  const known = readings.get(owner) ?? new Map<string, Promise<unknown>>();
  readings.set(owner, known);
  const shared = known.get(key);
  if (shared) return shared as Promise<T>;
  const startedAt = performance.now();
  const reading = read();
  known.set(key, reading);
  const forget = () => void known.delete(key);
  reading.then(() => {
    const remainingMs = startedAt + freshMs - performance.now();
    if (remainingMs > 0) setTimeout(forget, remainingMs).unref();
    else forget();
  }, forget);
  return reading;
}

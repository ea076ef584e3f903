const readings = new WeakMap<object, Map<string, Promise<unknown>>>();

/**
 * What `read` gives, read once for all who ask in this process: those who ask while it is read, or up to `freshMs`
 * after it began, get the same. A failure is given to those who wait for it, and to nobody later.
 * @param owner what the answer is of; its readings are forgotten with it
 * @param key identifies the reading; equal keys must have equal results for every caller
 */
export function shareReading<T>(owner: object, key: string, read: () => Promise<T>, freshMs = 0): Promise<T> {
  const known = readings.get(owner) ?? new Map<string, Promise<unknown>>();
  readings.set(owner, known);
  const shared = known.get(key);
  if (shared) return shared as Promise<T>;
  const begun = performance.now();
  const reading = read();
  known.set(key, reading);
  const forget = () => void known.delete(key);
  reading.then(() => {
    const left = begun + freshMs - performance.now();
    if (left > 0) setTimeout(forget, left).unref();
    else forget();
  }, forget);
  return reading;
}

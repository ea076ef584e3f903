interface SharedReading {
  readonly reading: Promise<unknown>;
  readonly stop: AbortController;
  /** The callers that have not aborted. */
  readers: number;
}

const readings = new WeakMap<object, Map<string, SharedReading>>();

/**
 * Returns the result of `read`, shared by all callers in this process: a call during the read, or up to `freshMs` after
 * its start, gets the same result. A failure reaches only the callers that wait for it.
 * @param owner the object that the results belong to; they are released with it
 * @param key identifies the result; callers with equal keys must expect the same result
 * @param read gets a signal that aborts when the signals of all its callers have
 * @throws the signal's reason
 */
export function shareReading<T>(
  owner: object,
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  { freshMs = 0, signal }: { readonly freshMs?: number; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const known = readings.get(owner) ?? new Map<string, SharedReading>();
  readings.set(owner, known);
  const shared = known.get(key) ?? start(known, key, read, freshMs);
  shared.readers += 1;
  const reading = shared.reading as Promise<T>;
  return signal ? untilAborted(reading, signal, () => leave(known, key, shared, signal)) : reading;
}

function start(
  known: Map<string, SharedReading>,
  key: string,
  read: (signal: AbortSignal) => Promise<unknown>,
  freshMs: number,
): SharedReading {
  const startedAt = performance.now();
  const stop = new AbortController();
  const shared: SharedReading = { reading: read(stop.signal), stop, readers: 0 };
  known.set(key, shared);
  const forget = () => {
    if (known.get(key) === shared) known.delete(key);
  };
  shared.reading.then(() => {
    const remainingMs = startedAt + freshMs - performance.now();
    if (remainingMs > 0) setTimeout(forget, remainingMs).unref();
    else forget();
  }, forget);
  return shared;
}

function leave(known: Map<string, SharedReading>, key: string, shared: SharedReading, signal: AbortSignal): void {
  shared.readers -= 1;
  if (shared.readers > 0) return;
  if (known.get(key) === shared) known.delete(key);
  shared.stop.abort(signal.reason);
}

function untilAborted<T>(reading: Promise<T>, signal: AbortSignal, onAborted: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason);
      onAborted();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    void reading.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

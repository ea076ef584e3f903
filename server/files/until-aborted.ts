/** Passes bytes through. Throws the reason of `signal` when it aborts, even if `bytes` never yields again. */
export async function* untilAborted(
  bytes: AsyncIterable<Uint8Array>,
  signal = new AbortController().signal,
): AsyncGenerator<Uint8Array, void> {
  const iterator = bytes[Symbol.asyncIterator]();
  const nextOrAbort = () =>
    new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      const next = iterator.next().finally(() => signal.removeEventListener("abort", stop));
      next.then(resolve, reject);
    });
  try {
    signal.throwIfAborted();
    for (let next = await nextOrAbort(); !next.done; next = await nextOrAbort()) yield next.value;
  } finally {
    const closing = iterator.return?.();
    // Not awaited, because a read may never end.
    if (signal.aborted) closing?.catch(() => {});
    else await closing;
  }
}

/**
 * Yields the chunks until `signal` aborts, even while the source is idle.
 * @param reason returns the error of the abort; by default the signal's reason
 */
export async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
  reason: () => unknown = () => signal?.reason,
): AsyncGenerator<Uint8Array, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let stop = () => {};
  const onAbort = () => stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      // One promise per chunk: a long-lived one would accumulate a reaction with each race.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = () => reject(reason());
        if (signal?.aborted) stop();
        else iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not awaited: an idle source would block here.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

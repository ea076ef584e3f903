import { AppError } from "@/server/lib/errors";

/**
 * Yields the chunks until `signal` aborts, even while the source is idle.
 * @throws AppError BAD_REQUEST on the abort
 */
export async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let stop = () => {};
  const onAbort = () => stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      // One promise per chunk: a long-lived one would accumulate a reaction with each race.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = () => reject(new AppError("intake.stopped", {}));
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

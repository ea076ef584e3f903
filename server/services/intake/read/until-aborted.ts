import { intakeProblemText } from "@/server/catalog/intake-problem";
import { AppError } from "@/server/lib/errors";

/**
 * The chunks until `signal` aborts, also while the source has none to give.
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
      // A promise a chunk: one that lives as long as the stream would gather a reaction with each race.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = () => reject(new AppError("BAD_REQUEST", intakeProblemText("stopped")));
        if (signal?.aborted) stop();
        else iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not awaited: a source that gives nothing would hold us here.
    Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

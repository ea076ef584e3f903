import type { Principal } from "@/server/process/context";

/** So often an open stream asks whether its reader is still who opened it. */
const ASKED_EVERY_MS = 10_000;

/**
 * Cuts a stream, as a broken connection would, within seconds after its reader signed out, was disabled or got
 * another role: the browser comes back by itself, and is answered by what holds now.
 * @param asked ends with the request
 * @param askAgain authenticates the caller again
 * @param onEnd called when the stream has ended
 */
export function guardStream(
  asked: AbortSignal | undefined,
  opener: Principal,
  askAgain: () => Promise<Principal | null>,
  onEnd: () => void,
): { readonly signal: AbortSignal; guard(source: AsyncIterable<unknown>): AsyncGenerator<unknown> } {
  const changed = new AbortController();
  const signal = asked ? AbortSignal.any([asked, changed.signal]) : changed.signal;

  const look = async () => {
    const now = await askAgain();
    if (now?.id !== opener.id || now.role !== opener.role) changed.abort();
  };

  async function* guard(source: AsyncIterable<unknown>) {
    // While the database is unreachable, the answer is unknown and there is nothing to read. The next check decides.
    const timer = setInterval(() => void look().catch(() => {}), ASKED_EVERY_MS);
    try {
      yield* source;
    } finally {
      clearInterval(timer);
      onEnd();
    }
    // After a normal end, the browser would not reconnect.
    if (changed.signal.aborted) throw new DOMException("The reader's rights have changed.", "AbortError");
  }

  return { signal, guard };
}

import type { Principal } from "@/server/process/context";

/** The interval at which the caller of an open stream is authenticated again. */
const CHECK_INTERVAL_MS = 10_000;

/**
 * Ends a stream like a broken connection within seconds after its reader signed out, was disabled or got another role.
 * The browser then reconnects with its current permissions.
 * @param requestSignal aborts when the request ends
 * @param authenticateAgain authenticates the caller again
 * @param onEnd called when the stream has ended
 */
export function guardStream(
  requestSignal: AbortSignal | undefined,
  opener: Principal,
  authenticateAgain: () => Promise<Principal | null>,
  onEnd: () => void,
): { readonly signal: AbortSignal; guard(source: AsyncIterable<unknown>): AsyncGenerator<unknown> } {
  const changed = new AbortController();
  const signal = requestSignal ? AbortSignal.any([requestSignal, changed.signal]) : changed.signal;

  const check = async () => {
    const now = await authenticateAgain();
    if (now?.id !== opener.id || now.role !== opener.role) changed.abort();
  };

  async function* guard(source: AsyncIterable<unknown>) {
    // While the database is unreachable, there is nothing to read, and the next check decides.
    const timer = setInterval(() => void check().catch(() => {}), CHECK_INTERVAL_MS);
    try {
      yield* source;
    } finally {
      clearInterval(timer);
      onEnd();
    }
    // After a normal end, the browser would not reconnect.
    if (changed.signal.aborted) throw new DOMException("The user's permissions have changed.", "AbortError");
  }

  return { signal, guard };
}

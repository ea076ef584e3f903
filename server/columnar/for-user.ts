import type { ColumnarEngine, ColumnarOptions } from "./engine";

/**
 * Returns the engine with statements on behalf of a user, which take turns with those of other users.
 * @param signal cancels them, in addition to their own
 */
export function forUser(engine: ColumnarEngine, user: string, signal?: AbortSignal): ColumnarEngine {
  const own = (options: ColumnarOptions = {}): ColumnarOptions => ({
    user,
    ...options,
    signal: signal && options.signal ? AbortSignal.any([signal, options.signal]) : (signal ?? options.signal),
  });
  return {
    ...engine,
    signal,
    query: (statement, options) => engine.query(statement, own(options)),
    takeRead: (options) => engine.takeRead(own(options)),
    stream: (statement, options) => engine.stream(statement, own(options)),
  };
}

import type { ColumnarEngine } from "./engine";

/** Returns the engine with statements on behalf of a user, which take turns with those of other users. */
export function forUser(engine: ColumnarEngine, user: string): ColumnarEngine {
  return {
    ...engine,
    query: (statement, options) => engine.query(statement, { user, ...options }),
    stream: (statement, options) => engine.stream(statement, { user, ...options }),
  };
}

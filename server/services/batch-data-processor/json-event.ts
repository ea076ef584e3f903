/**
 * The event in a JSON text, or why there is none. Never throws: JSON.parse has no depth limit of its own
 * but the stack's.
 */
export function readJsonEvent(text: string): { event: unknown } | { error: string } {
  try {
    return { event: JSON.parse(text) };
  } catch (error) {
    return { error: error instanceof SyntaxError ? "event: not JSON" : "event: nested too deep" };
  }
}

import compile from "icu-minify/compile";
import type { CompiledMessage } from "icu-minify/format";

/**
 * Parses a message in ICU syntax, so that it can be formatted without a parser. Text without arguments remains the same
 * string; a string is thus either such text or not compiled yet.
 */
export function compileMessage(message: string): CompiledMessage {
  const compiled = compile(message);
  if (typeof compiled === "string") return compiled === message ? message : [compiled];
  // Objects without a prototype, which the compiler makes, cannot be sent to the browser by React.
  return JSON.parse(JSON.stringify(compiled));
}

/** Compiles all messages. The type remains that of the keys, by which `useTranslations` checks its callers. */
export function compileMessages<T>(messages: T): T {
  const compiled = Object.entries(messages as Record<string, unknown>).map(([key, value]) => [
    key,
    typeof value === "string" ? compileMessage(value) : compileMessages(value),
  ]);
  return Object.fromEntries(compiled);
}

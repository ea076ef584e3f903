import { problemText } from "@/server/catalog/event-problem";
import { parseJson } from "@/server/lib/json";
import { isTooLong, tooLongText } from "./event-limit";

/**
 * Parses a JSON text into an event, or returns the reason why it is invalid; excessive nesting is a reason, not a
 * crash.
 */
export function readJsonEvent(text: string): { event: unknown } | { error: string } {
  if (isTooLong(text)) return { error: tooLongText() };
  try {
    return { event: parseJson(text) };
  } catch (error) {
    return { error: problemText("event", error instanceof SyntaxError ? "not_json" : "too_deep") };
  }
}

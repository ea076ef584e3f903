import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { parseJson } from "@/server/lib/json";
import { isTooLong, tooLongError } from "./event-limit";

/**
 * Parses a JSON text into an event, or returns the reason why it is invalid; excessive nesting is a reason, not a
 * crash.
 */
export function readJsonEvent(text: string): { event: unknown } | { error: ErrorValue } {
  if (isTooLong(text)) return { error: tooLongError() };
  try {
    return { event: parseJson(text) };
  } catch (error) {
    return {
      error: errorValue(error instanceof SyntaxError ? "event.not_json" : "event.too_deep", { field: "event" }),
    };
  }
}

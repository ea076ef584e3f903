import { problemText } from "@/server/catalog/event-problem";
import { parseJson } from "@/server/lib/json";
import { isTooLong, tooLongText } from "./event-limit";

/** The event in a JSON text, or why there is none; text nested too deep for the stack is a reason, no crash. */
export function readJsonEvent(text: string): { event: unknown } | { error: string } {
  if (isTooLong(text)) return { error: tooLongText() };
  try {
    return { event: parseJson(text) };
  } catch (error) {
    return { error: problemText("event", error instanceof SyntaxError ? "not_json" : "too_deep") };
  }
}

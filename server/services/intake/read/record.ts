import { problemText } from "@/server/catalog/event-problem";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { DeadLetterFormat } from "../batch";
import { tooLongText } from "../events/event-limit";
import type { Line } from "./lines";

/** One event of a file or request, or the reason why its text is none. */
export interface IntakeRecord {
  /** The text as it came, without its line end. */
  readonly text: string;
  /** Line of its beginning, from 1; its position in a JSON document. */
  readonly line: number;
  readonly event?: unknown;
  /** `field: reason`, without the value; then there is no event. */
  readonly error?: string;
}

/** How the dead letters of a format are read again on replay. */
export const DEAD_LETTER_FORMATS = {
  combined: "log_line",
  ndjson: "json",
  json: "json",
  csv: "csv",
} as const satisfies Record<IntakeFormat, DeadLetterFormat>;

/** The record of a text over the limit, of which `text` is the beginning. */
export function tooLongRecord(text: string, line: number): IntakeRecord {
  return { text, line, error: tooLongText() };
}

/** The record of a line that cannot be read as it is: over the limit, or not UTF-8 where the format has to be. */
export function unreadableLine({ text, number, isCut }: Line): IntakeRecord {
  if (isCut) return tooLongRecord(text, number);
  return { text, line: number, error: problemText("line", "not_utf8") };
}

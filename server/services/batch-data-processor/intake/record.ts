import { problemText } from "@/server/catalog/event-problem";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { DeadLetterFormat } from "../types";
import { type Line, MAX_LINE_BYTES } from "./lines";

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

/** The record of a line over the limit. */
export function longLine(line: Line): IntakeRecord {
  const error = problemText("line", "line_too_long", { max: MAX_LINE_BYTES / 1024 / 1024 });
  return { text: line.text, line: line.number, error };
}

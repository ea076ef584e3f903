import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { DeadLetterFormat } from "../batch";
import { tooLongError } from "../events/event-limit";
import type { Line } from "./lines";

/** One event of a file or request, or the reason why its text is invalid. */
export interface IntakeRecord {
  /** The original text, without its line end. */
  readonly text: string;
  /** The line where it begins, from 1; its position in a JSON document. */
  readonly line: number;
  readonly event?: unknown;
  /** The line that names its values, which is part of its identity. */
  readonly header?: string;
  /** `field: reason`, without the value; set when there is no event. */
  readonly error?: ErrorValue;
}

/** How dead letters of each format are parsed on replay. */
export const DEAD_LETTER_FORMATS = {
  combined: "log_line",
  ndjson: "json",
  json: "json",
  csv: "csv",
} as const satisfies Record<IntakeFormat, DeadLetterFormat>;

/** The record of a text over the limit; `text` is its beginning. */
export function tooLongRecord(text: string, line: number): IntakeRecord {
  return { text, line, error: tooLongError() };
}

/** The record of an unreadable line: over the limit, or not UTF-8 in a format that requires it. */
export function unreadableLine({ text, number, isCut }: Line): IntakeRecord {
  if (isCut) return tooLongRecord(text, number);
  return { text, line: number, error: errorValue("event.not_utf8", { field: "line" }) };
}

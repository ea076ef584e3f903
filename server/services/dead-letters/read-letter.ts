import { type LogTableName, logTables } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { parseLogLine } from "@/server/catalog/formats";
import { makeCsvRowReader, readJsonEvent, readMapped } from "@/server/services/intake";
import type { LetterEdit } from "./edit";

/** What determines how a dead letter is read. */
export interface ReadableLetter {
  readonly payload: string;
  readonly format: string;
  readonly csv_header: string | null;
  readonly mapping: string | null;
}

type Parsed = { readonly event: unknown } | { readonly error: ErrorValue };

/** Parses the event in a dead letter, as it is or edited. Text may be JSON regardless of the letter's format. */
export function readLetter(table: LogTableName, letter: ReadableLetter, edit?: LetterEdit): Parsed {
  const payload = edit ? edit.text(letter.payload) : letter.payload;
  const mapping = edit ? edit.mapping(letter.mapping) : letter.mapping;
  if (mapping !== null) return readMapped(payload, logTables[table], { ...letter, mapping }, edit?.event);
  const parsed = readUnmapped(table, letter, payload);
  if ("event" in parsed) edit?.event(parsed.event);
  return parsed;
}

function readUnmapped(table: LogTableName, letter: ReadableLetter, payload: string): Parsed {
  if (letter.format === "json" || payload.trimStart().startsWith("{")) return readJsonEvent(payload);
  if (letter.format === "log_line") return parseLogLine(payload);
  try {
    return makeCsvRowReader(letter.csv_header ?? "", logTables[table])(payload);
  } catch {
    return { error: errorValue("event.not_one_row", { field: "event" }) };
  }
}

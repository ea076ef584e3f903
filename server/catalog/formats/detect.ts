import { isCsvHeader } from "./csv-header";
import { parseLogLine } from "./log-line";

/** The format of events in a file or request body. */
export const INTAKE_FORMATS = ["combined", "ndjson", "csv", "json"] as const;
export type IntakeFormat = (typeof INTAKE_FORMATS)[number];

/** Maximum number of examined lines: a log may start with a few unrelated lines. */
const MAX_LINES = 20;

/** A JSON array. Log lines may also start with `[`, for an IPv6 address or a time. */
const ARRAY = /^\[\s*(?:[{["\]]|(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*[,\]])/;

/**
 * Detects the format of a file by its beginning (about the first 64 KB, whose last line may be truncated). Undefined if
 * it is unknown.
 */
export function detectFormat(beginning: string): IntakeFormat | undefined {
  const text = beginning.replace(/^[\uFEFF\0]+/, "").trimStart();
  const lines = text.split("\n", MAX_LINES).map((line) => line.replace(/\r$/, ""));
  const first = lines[0] ?? "";
  if (first.startsWith("{")) return detectJson(text, first);
  if (lines.some((line) => "event" in parseLogLine(line))) return "combined";
  if (ARRAY.test(text)) return detectJson(text, first);
  if (isCsvHeader(text)) return "csv";
  return lines.some((line) => line.startsWith("{")) ? "ndjson" : undefined;
}

function detectJson(text: string, first: string): IntakeFormat {
  const document = first.startsWith("[") || /^\{\s*"(?:items|Records)"\s*:\s*\[/.test(text);
  const lineEnd = text.indexOf("\n");
  if (lineEnd !== -1 && text.slice(lineEnd).trim() !== "") {
    // A complete value followed by more lines is one value per line; `{` or `[{` alone starts a document.
    return isJson(first) || !/[[{,]\s*$/.test(first) ? "ndjson" : "json";
  }
  return document ? "json" : "ndjson";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

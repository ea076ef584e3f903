import { isCsvHeader } from "./csv-header";
import { parseLogLine } from "./log-line";

/** How a file or request body holds its events. */
export const INTAKE_FORMATS = ["combined", "ndjson", "csv", "json"] as const;
export type IntakeFormat = (typeof INTAKE_FORMATS)[number];

/** Lines looked at before giving up: a log may start with a few lines of something else. */
const LINES_TRIED = 20;

/** An array of JSON; a log line may begin with `[` too, of an IPv6 address or a time. */
const ARRAY = /^\[\s*(?:[{["\]]|(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\s*[,\]])/;

/**
 * The format of a file by its beginning (the first 64 KB or so; the last line may be cut). Undefined when it
 * is none of them.
 */
export function detectFormat(beginning: string): IntakeFormat | undefined {
  const text = beginning.replace(/^[\uFEFF\0]+/, "").trimStart();
  const lines = text.split("\n", LINES_TRIED).map((line) => line.replace(/\r$/, ""));
  const first = lines[0] ?? "";
  if (first.startsWith("{")) return detectJson(text, first);
  if (lines.some((line) => "event" in parseLogLine(line))) return "combined";
  if (ARRAY.test(text)) return detectJson(text, first);
  if (isCsvHeader(text)) return "csv";
  return lines.some((line) => line.startsWith("{")) ? "ndjson" : undefined;
}

function detectJson(text: string, first: string): IntakeFormat {
  const document = first.startsWith("[") || /^\{\s*"items"\s*:\s*\[/.test(text);
  const lineEnd = text.indexOf("\n");
  if (lineEnd !== -1 && text.slice(lineEnd).trim() !== "") {
    // A whole value on the first line and more after it is a value a line; `{` or `[{` alone is a document.
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

import { errorValue } from "@/server/catalog/errors";
import type { MappedEvent, Parsed } from "./text-mapping";
import { readMilliseconds } from "./time-values";

/** The first line of a file that names its own fields. */
const FIELDS = /^#Fields:[ \t]*(.*)$/i;

/** How a server writes values that contain spaces, and the unit of `time-taken`. */
export interface W3cDialect {
  readonly spaces: "plus" | "percent";
  readonly unit: "s" | "ms";
}

const IIS: W3cDialect = { spaces: "plus", unit: "ms" };
const CLOUDFRONT: W3cDialect = { spaces: "percent", unit: "s" };

const COLUMNS: Readonly<Record<string, string>> = {
  "c-ip": "ip_address",
  "cs-username": "user_id",
  "cs-method": "request_method",
  "sc-status": "status_code",
  "cs(user-agent)": "user_agent",
  "cs(referer)": "referer",
};

export interface W3cReader {
  /** The event of a line; undefined for a line that describes the file. */
  read(line: string): { readonly parsed: Parsed; readonly header: string } | undefined;
}

function isW3cHeader(line: string): boolean {
  return FIELDS.test(line);
}

/**
 * Reads the lines of a file in the W3C extended log format, whose `#Fields:` line names the values of the following
 * lines and can change within the file. Times are UTC. https://www.w3.org/TR/WD-logfile.html
 * @param header the line that a single line was under
 */
export function makeW3cReader(header?: string): W3cReader {
  let current = header ?? "";
  let names = namesOf(current);
  let dialect = dialectOf(names);
  // IIS writes the date once in `#Date:` if it is not a field.
  let date: string | undefined;
  return {
    read(line) {
      if (line.startsWith("#")) {
        if (isW3cHeader(line)) {
          current = line;
          names = namesOf(line);
          dialect = dialectOf(names);
        }
        date = /^#Date:\s*(\d{4}-\d\d-\d\d)/i.exec(line)?.[1] ?? date;
        return undefined;
      }
      return { parsed: readValues(line, names, dialect, date), header: current };
    },
  };
}

function namesOf(header: string): string[] {
  return (FIELDS.exec(header)?.[1] ?? "").split(/[ \t]+/).filter((name) => name !== "");
}

function dialectOf(names: readonly string[]): W3cDialect {
  return names.some((name) => name.startsWith("x-edge-")) ? CLOUDFRONT : IIS;
}

function readValues(line: string, names: readonly string[], dialect: W3cDialect, date: string | undefined): Parsed {
  if (names.length === 0) return { error: errorValue("event.no_fields_line", { field: "row" }) };
  const values = line.split(line.includes("\t") ? "\t" : " ");
  if (values.length !== names.length) {
    const code = values.length > names.length ? "event.more_cells" : "event.fewer_cells";
    return { error: errorValue(code, { field: "row" }) };
  }
  const event: MappedEvent = {};
  const extra: MappedEvent = {};
  const parts: Record<string, string> = date === undefined ? {} : { date };
  for (const [index, name] of names.entries()) {
    const written = values[index] ?? "";
    if (written === "-" || written === "") continue;
    const lower = name.toLowerCase();
    if (["date", "time", "cs-uri-stem", "cs-uri-query"].includes(lower)) parts[lower] = written;
    else if (lower === "time-taken") {
      const milliseconds = readMilliseconds(written, dialect.unit);
      if (milliseconds === undefined) extra[name] = written;
      else event.response_time = milliseconds;
    } else {
      const column = COLUMNS[lower];
      const value = column === "user_agent" || column === "referer" ? decode(written, dialect) : written;
      if (column !== undefined) event[column] = value;
      else Object.defineProperty(extra, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
  if (parts.time !== undefined && parts.date !== undefined) event.created_at = `${parts.date}T${parts.time}Z`;
  const stem = parts["cs-uri-stem"];
  const query = parts["cs-uri-query"];
  if (stem !== undefined) event.request_path = query === undefined ? stem : `${stem}?${query}`;
  if (Object.keys(extra).length > 0) event.extra = extra;
  return { event };
}

function decode(value: string, { spaces }: W3cDialect): string {
  if (spaces === "plus") return value.replaceAll("+", " ");
  if (!value.includes("%")) return value;
  try {
    // CloudFront encodes a percent sign of the original value again.
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

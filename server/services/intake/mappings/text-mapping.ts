import type { DurationUnit, LogTable } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { splitRequest } from "@/server/catalog/formats/request-line";
import { makeNameReader } from "@/server/catalog/spellings";
import { divide } from "./divide";
import type { Escaping, FieldKind, PlacedField, TextFormat } from "./fields";
import { mappingError } from "./mapping-error";
import { PREFERRED } from "./nginx-variables";
import { layOut, type Segment } from "./segments";
import { readEpoch, readLocalTime, readMilliseconds } from "./time-values";
import { unescapeValue } from "./unescape";

export type MappedEvent = Record<string, unknown>;
export type Parsed = { readonly event: unknown } | { readonly error: ErrorValue };
export type LineParser = (line: string) => Parsed;

/** What a mapping reads, and how. */
export type Reads =
  | { readonly kind: "lines"; readonly parse: LineParser }
  | { readonly kind: "events"; readonly map: (event: unknown) => Parsed; readonly columns: readonly string[] }
  | { readonly kind: "w3c" };

/** Where the value of a field is stored. */
interface Target {
  readonly name: string;
  readonly kind: FieldKind;
  /** Undefined: `extra`. */
  readonly column: string | undefined;
  readonly unit: DurationUnit | undefined;
}

/**
 * Compiles a text format to a parser of its lines. It runs in linear time, and never returns a row with other values
 * than those that the server wrote: a line that can be divided in several ways is an error.
 * @throws AppError when the format is ambiguous for all lines, or lacks a required column
 */
export function compileText(format: TextFormat, table: LogTable): LineParser {
  const { start, segments, fields } = layOut(format);
  const targets = targetsOf(fields, table);
  requireColumns(targets, table);
  const { escaping } = format;
  const hasDashes = escaping === "hex" || escaping === "apache";
  const values: string[] = new Array(fields.length).fill("");

  return (line) => {
    if (!line.startsWith(start)) return mismatch(fields[0]);
    let at = start.length;
    for (const segment of segments) {
      const end = findEnd(line, at, segment, escaping);
      if (end === -1) return mismatch(segment.fields.at(-1));
      if (segment.fields.length === 1) values[segment.first] = line.slice(at, end);
      else {
        const problem = readSegment(line, at, end, segment, values);
        if (problem) return problem;
      }
      at = end + (segment.end?.length ?? 0);
    }
    if (at !== line.length) return mismatch(fields.at(-1));
    const event: MappedEvent = {};
    let extra: MappedEvent | undefined;
    for (let index = 0; index < targets.length; index++) {
      const target = targets[index];
      const text = values[index] ?? "";
      if (!target) continue;
      const isAbsent = text === "" || (hasDashes && text === "-");
      if (isAbsent && target.column !== "request_path") continue;
      if (target.column === undefined) {
        const value = extraValue(text, target.kind, escaping);
        if (value === undefined) return mismatch(fields[index]);
        extra ??= {};
        extra[target.name] = value;
        continue;
      }
      const problem = store(event, target, isAbsent ? "" : text, escaping);
      if (problem) return problem;
    }
    if (extra) event.extra = extra;
    return { event };
  };
}

/** Finds the end of a segment. Apache and `escape=json` write a quote within a value as `\\"`. */
function findEnd(line: string, from: number, { end, isLast }: Segment, escaping: Escaping): number {
  if (end === null) return line.length;
  let at = isLast ? line.length - end.length : line.indexOf(end, from);
  if (isLast && (at < from || !line.endsWith(end))) return -1;
  if (end[0] !== '"' || escaping === "hex" || escaping === "none") return at;
  while (at !== -1) {
    let slashes = 0;
    while (at - slashes > from && line[at - slashes - 1] === "\\") slashes++;
    if (slashes % 2 === 0) return at;
    at = isLast ? -1 : line.indexOf(end, at + 1);
  }
  return -1;
}

function readSegment(line: string, from: number, to: number, segment: Segment, values: string[]): Parsed | undefined {
  const { fields, first, separators, left, right, lengths } = segment;
  let at = from;
  for (let index = 0; index < left; index++) {
    const separator = separators[index] ?? "";
    const length = lengths[index];
    const end = length === undefined ? line.indexOf(separator, at) : at + length;
    if (end === -1 || end + separator.length > to || (length !== undefined && !line.startsWith(separator, end)))
      return mismatch(fields[index]);
    values[first + index] = line.slice(at, end);
    at = end + separator.length;
  }
  let end = to;
  for (let index = fields.length - 1; index >= fields.length - right; index--) {
    const separator = separators[index - 1] ?? "";
    const length = lengths[index];
    const start =
      length === undefined ? line.lastIndexOf(separator, end - separator.length) + separator.length : end - length;
    const separatorAt = start - separator.length;
    if (separatorAt < at || (length !== undefined && !line.startsWith(separator, separatorAt)))
      return mismatch(fields[index]);
    values[first + index] = line.slice(start, end);
    end = separatorAt;
  }
  if (!segment.isDivided) {
    values[first + left] = line.slice(at, end);
    return undefined;
  }
  const middle = fields.slice(left, fields.length - right);
  const parts = divide(line.slice(at, end), middle, separators.slice(left, left + middle.length - 1));
  if (parts === undefined) return mismatch(middle[0]);
  if (parts === "ambiguous") return { error: errorValue("event.ambiguous", { field: middle[0]?.written ?? "" }) };
  for (const [index, part] of parts.entries()) values[first + left + index] = part;
  return undefined;
}

function mismatch(field: PlacedField | undefined): Parsed {
  return { error: errorValue("event.not_in_format", { field: field?.written ?? "" }) };
}

const URL_PARTS = /^[a-z]+:\/\/([^/?#]*)(.*)$/s;
const INTEGER = /^-?\d{1,15}$/;
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?$/;

const LONG_NUMBER = /^[+-]?\d{1,32}(?:\.\d{1,32})?$/;

/** Undefined for a number that is none. */
function extraValue(text: string, kind: FieldKind, escaping: Escaping): string | number | undefined {
  if (kind === "list") return DECIMAL.test(text) ? Number(text) : text;
  if (kind !== "number" && kind !== "decimal") return unescapeValue(text, escaping);
  if (DECIMAL.test(text)) return Number(text);
  return LONG_NUMBER.test(text) ? text : undefined;
}

/** Stores the value of a column. @returns the error, if any */
function store(event: MappedEvent, target: Target, text: string, escaping: Escaping): Parsed | undefined {
  const { name, kind, column = "" } = target;
  switch (kind) {
    case "request":
    case "request_url": {
      const { request_method, request_path, protocol } = splitRequest(unescapeValue(text, escaping));
      const url = kind === "request_url" ? URL_PARTS.exec(request_path) : null;
      event.request_method ??= request_method;
      event.request_path = url ? url[2] || "/" : request_path;
      if (url) event.vhost = url[1];
      if (protocol !== undefined) event.protocol = protocol;
      return undefined;
    }
    case "uri_args": {
      const hasNone = escaping === "hex" && text.endsWith("-") && !text.includes("?");
      event[column] = unescapeValue(hasNone ? text.slice(0, -1) : text, escaping) || "-";
      return undefined;
    }
    case "host_path": {
      const slash = text.indexOf("/");
      event.request_path = slash === -1 ? "-" : unescapeValue(text.slice(slash), escaping);
      event[name] = unescapeValue(slash === -1 ? text : text.slice(0, slash), escaping);
      return undefined;
    }
    case "time_local":
    case "time_millis":
    case "time_bracketed": {
      const time = readLocalTime(kind === "time_bracketed" ? text.slice(1, -1) : text);
      if (time === undefined) return { error: errorValue("event.not_time", { field: "created_at" }) };
      event[column] = time;
      return undefined;
    }
    default:
  }
  if (column === "created_at" && target.unit) {
    const time = readEpoch(text, target.unit);
    if (time === undefined) return { error: errorValue("event.not_time", { field: column }) };
    event[column] = time;
  } else if (column === "response_time" && target.unit) {
    const milliseconds = readMilliseconds(text, target.unit);
    if (milliseconds === undefined) return { error: errorValue("event.not_number", { field: column }) };
    // Proxies write -1 when there is no duration.
    if (milliseconds >= 0) event[column] = milliseconds;
  } else if (kind === "number") {
    if (!INTEGER.test(text)) return { error: errorValue("event.not_whole_number", { field: column }) };
    event[column] = Number(text);
  } else {
    event[column] = column === "request_path" && text === "" ? "-" : unescapeValue(text, escaping);
  }
  return undefined;
}

function targetsOf(fields: readonly PlacedField[], table: LogTable): Target[] {
  const readName = makeNameReader(table);
  const columns = new Set(table.columns.map(({ name }) => name));
  const candidates = fields.map((field, index) => {
    const named = field.column === undefined ? readName(field.name) : undefined;
    const column = field.column ?? table.columns[named?.index ?? -1]?.name;
    const preferred = PREFERRED.indexOf(field.name);
    const rank = preferred !== -1 ? preferred : (rankOf(field, index) ?? 1_000 + (named?.rank ?? 0));
    const isKnown = column !== undefined && columns.has(column) && column !== "id";
    return { field, index, rank, column: isKnown ? column : undefined, unit: field.unit ?? named?.unit };
  });
  const best = new Map<string, number>();
  for (const { column, index } of candidates.toSorted((a, b) => a.rank - b.rank)) {
    if (column !== undefined && !best.has(column)) best.set(column, index);
  }
  return candidates.map(({ field, index, column, unit }) => ({
    name: field.name,
    kind: field.kind,
    column: column !== undefined && best.get(column) === index ? column : undefined,
    unit,
  }));
}

/** Named by the format before named like the column; the finest unit first. */
function rankOf({ column, unit }: PlacedField, index: number): number | undefined {
  if (column === undefined) return undefined;
  return unit === undefined ? 100 + index : 50 + ["ns", "us", "ms", "s"].indexOf(unit);
}

const HINTS: Readonly<Record<string, string>> = { ip_address: "$remote_addr, %h", request_path: "$request, %r" };

function requireColumns(targets: readonly Target[], table: LogTable): void {
  const stored = new Set(targets.flatMap(({ column }) => column ?? []));
  const missing = table.columns.filter(({ name, required }) => required && !stored.has(name)).map(({ name }) => name);
  if (missing.length === 0) return;
  const hints = missing.map((name) => (HINTS[name] ? `${name} (${HINTS[name]})` : name));
  throw mappingError("mapping.column_missing", { names: hints.join(", ") });
}

import type { LogTable } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { parseLogLine } from "@/server/catalog/formats";
import { missingColumns } from "@/server/catalog/formats/csv-header";
import { readJsonEvent } from "../events/json-event";
import { parseIfJson } from "../events/value-readers";
import { applyPairs, isObject, type Pair, parsePairs } from "./pairs";
import { compilePresetText } from "./preset-text";
import { PRESETS, type Preset } from "./presets";
import type { LineParser, MappedEvent, Parsed } from "./text-mapping";

type Wrapper = Extract<Preset, { kind: "wrapper" }>;

/** Creates the parser of the records of a collector that are lines of text. */
export function makeLineUnwrapper(record: RegExp, inner: LineParser): LineParser {
  return (text) => {
    const { line, time, ...rest } = record.exec(text)?.groups ?? {};
    if (line === undefined) return { error: errorValue("event.not_in_format", { field: "event" }) };
    return enclose(inner(line), time, rest);
  };
}

/** Creates the reader of the records of a collector that are JSON. */
export function makeEventUnwrapper(
  record: Exclude<Wrapper["record"], RegExp | "syslog">,
  inner: LineParser,
): (event: unknown) => Parsed {
  return (event) => {
    if (!isObject(event)) return { event };
    const rest: MappedEvent = { ...event };
    const line = take(rest, record.line);
    if (typeof line !== "string") return { error: errorValue("event.no_line", { field: record.line.join(", ") }) };
    const time = take(rest, record.time);
    return enclose(inner(line.replace(/\r?\n$/, "")), time, rest);
  };
}

/** Removes the first of the members that has a value, and returns it. */
export function take(event: MappedEvent, names: readonly string[]): unknown {
  const name = names.find((candidate) => event[candidate] !== undefined && event[candidate] !== null);
  if (name === undefined) return undefined;
  const value = event[name];
  delete event[name];
  return value;
}

const TIMES = ["created_at", "time", "timestamp", "@timestamp", "ts", "time_local", "time_iso8601"];

/** Adds what the collector wrote. Its time is used if the line has none. */
export function enclose(parsed: Parsed, time: unknown, rest: MappedEvent): Parsed {
  if (!("event" in parsed) || !isObject(parsed.event)) return parsed;
  const event = parsed.event;
  const hasTime = TIMES.some((name) => event[name] !== undefined);
  if (!hasTime && time !== undefined) event.created_at = time;
  if (Object.keys(rest).length > 0) event.extra = { ...rest, ...membersOf(event.extra) };
  return parsed;
}

/** The members of `extra`, which may also be JSON text or another value. */
function membersOf(extra: unknown): MappedEvent {
  if (extra === undefined || extra === null) return {};
  const fields = typeof extra === "string" ? parseIfJson(extra) : extra;
  return isObject(fields) ? fields : { extra };
}

/** Creates the parser of lines in any format of the product. */
export function makeAnyLineParser(table: LogTable): LineParser {
  const own = PRESETS.filter((preset) => preset.table === table.name);
  const json = own.flatMap((preset) => (preset.kind === "fields" ? [parsePairs(preset.map, table)] : []));
  const text = own.flatMap((preset) => (preset.kind === "text" ? [compilePresetText(preset, table)] : []));
  return (line) => {
    if (line.trimStart().startsWith("{")) {
      const parsed = readJsonEvent(line);
      return "event" in parsed ? { event: mapBest(parsed.event, json, table) } : parsed;
    }
    if (!table.acceptsLogLines) return { error: errorValue("event.not_json", { field: "event" }) };
    const usual = parseLogLine(line);
    if ("event" in usual) return usual;
    for (const parse of text) {
      const parsed = parse(line);
      if ("event" in parsed) return parsed;
    }
    return usual;
  };
}

/** Maps an event by the first preset with values for the required columns, unless it has them. */
function mapBest(event: unknown, mappings: readonly (readonly Pair[])[], table: LogTable): unknown {
  if (!isObject(event) || missingColumns(Object.keys(event), table).length === 0) return event;
  for (const pairs of mappings) {
    const mapped = applyPairs(structuredClone(event), pairs);
    if (isObject(mapped) && missingColumns(Object.keys(mapped), table).length === 0) return mapped;
  }
  return event;
}

import { type LogTable, logTables } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { DeadLetterFormat } from "../batch";
import { makeCsvRowReader } from "../events/csv-row-reader";
import { isTooLong, tooLongError } from "../events/event-limit";
import { readJsonEvent } from "../events/json-event";
import { parseApacheFormat } from "./apache-format";
import { COLLECTED, collectedReader } from "./collected";
import { mappingError } from "./mapping-error";
import { parseNginxFormat } from "./nginx-format";
import { applyPairs, looksLikePairs, parsePairs } from "./pairs";
import { compilePresetText } from "./preset-text";
import { PRESETS, type Preset, SYSLOG } from "./presets";
import { makeSyslogParser } from "./syslog";
import { compileText, type Parsed, type Reads } from "./text-mapping";
import { makeW3cReader } from "./w3c";
import { makeAnyLineParser, makeEventUnwrapper, makeLineUnwrapper } from "./wrapper";

const MAX_MAPPING_CHARACTERS = 8_192;

/** How the events of a file or request are read. */
export interface Mapping {
  /** The preset's name, or the format or pairs as given: part of the identity of events. */
  readonly expression: string;
  readonly reads: Reads;
}

/** Whether a mapping reads a file in `format`. */
export function fitsFormat({ reads }: Mapping, format: IntakeFormat): boolean {
  return (reads.kind === "events") === (format !== "combined");
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}(?:@\d{1,6})?$/;

/** Whether a text is the name of a mapping, optionally with its version: `edge-nginx@3`. */
export function isMappingName(text: string): boolean {
  return NAME.test(text.trim());
}

function findPreset(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name);
}

const SYSLOG_OF = `${SYSLOG}:`;

const compiled = new Map<string, Mapping>();
const MAX_COMPILED = 100;

/**
 * Compiles a preset's name, an nginx `log_format`, an Apache `LogFormat`, or `column=path:unit` pairs.
 * @throws AppError UNPROCESSABLE with the position of the error
 */
export function compileMapping(expression: string, table: LogTable): Mapping {
  const key = `${table.name}|${expression}`;
  const known = compiled.get(key);
  if (known) return known;
  const mapping = compile(expression, table);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, mapping);
  return mapping;
}

function compile(given: string, table: LogTable): Mapping {
  const expression = given.trim();
  if (expression === "") throw mappingError("mapping.empty", {});
  if (given.length > MAX_MAPPING_CHARACTERS + COLLECTED.length)
    throw mappingError("mapping.too_long", { max: MAX_MAPPING_CHARACTERS });
  if (expression === COLLECTED || expression.startsWith(`${COLLECTED}:`)) {
    const inner = expression === COLLECTED ? undefined : compile(expression.slice(COLLECTED.length + 1), table);
    return { expression, reads: { kind: "events", map: collectedReader(table, inner?.reads), columns: [] } };
  }
  if (expression.startsWith(SYSLOG_OF)) {
    return { expression, reads: syslogOf(expression.slice(SYSLOG_OF.length), table) };
  }
  if (isMappingName(expression)) {
    const preset = findPreset(expression);
    if (!preset) throw mappingError("mapping.not_found", { name: expression });
    return { expression, reads: readsOf(preset, table) };
  }
  if (looksLikePairs(given)) return { expression, reads: eventsBy(given, table) };
  const isApache = !/\$\{?\w/.test(given) && /%[<>!{\w]/.test(given);
  const parse = compileText(isApache ? parseApacheFormat(given) : parseNginxFormat(given), table);
  return { expression, reads: { kind: "lines", parse } };
}

/** The reading of syslog messages whose texts have another mapping. */
function syslogOf(inner: string, table: LogTable): Reads {
  const { reads } = compile(inner, table);
  if (reads.kind === "w3c") throw mappingError("mapping.wrong_format", { kind: reads.kind });
  return { kind: "lines", parse: makeSyslogParser(table, reads) };
}

function readsOf(preset: Preset, table: LogTable): Reads {
  if (preset.table !== table.name && preset.kind !== "wrapper") {
    throw mappingError("mapping.wrong_table", { name: preset.name, table: logTables[preset.table].name });
  }
  switch (preset.kind) {
    case "text":
      return { kind: "lines", parse: compilePresetText(preset, table) };
    case "fields":
      return eventsBy(preset.map, table);
    case "w3c":
      return { kind: "w3c" };
    case "wrapper": {
      if (preset.record === SYSLOG) return { kind: "lines", parse: makeSyslogParser(table) };
      const inner = makeAnyLineParser(table);
      return preset.record instanceof RegExp
        ? { kind: "lines", parse: makeLineUnwrapper(preset.record, inner) }
        : { kind: "events", map: makeEventUnwrapper(preset.record, inner), columns: [] };
    }
  }
}

function eventsBy(text: string, table: LogTable): Reads {
  const pairs = parsePairs(text, table);
  return {
    kind: "events",
    map: (event) => ({ event: applyPairs(event, pairs) }),
    columns: pairs.map(({ column }) => column),
  };
}

/** The format of the dead letters of events that were read one by one with a mapping. */
export function mappedFormat(expression: string, table: LogTable): DeadLetterFormat {
  try {
    return compileMapping(expression, table).reads.kind === "events" ? "json" : "log_line";
  } catch {
    return "json";
  }
}

/**
 * Compiles a mapping that reads events one by one, such as those of a queue.
 * @throws AppError UNPROCESSABLE, also for a format whose lines need a header
 */
export function compileEventMapping(expression: string, table: LogTable): Mapping {
  const mapping = compileMapping(expression, table);
  if (mapping.reads.kind === "w3c") throw mappingError("mapping.needs_header", {});
  return mapping;
}

/**
 * Reads the text of an event, such as a dead letter, with a mapping.
 * @param edit changes the event in place: JSON and CSV before they are mapped, lines after they were parsed
 */
export function readMapped(
  payload: string,
  table: LogTable,
  letter: { readonly mapping: string; readonly format: string; readonly csv_header: string | null },
  edit: (event: unknown) => void = () => {},
): Parsed {
  try {
    const { reads } = compileMapping(letter.mapping, table);
    if (reads.kind !== "events") {
      const parsed = readMappedLine(payload, reads, letter.csv_header);
      if ("event" in parsed) edit(parsed.event);
      return parsed;
    }
    const parsed =
      letter.format === "csv"
        ? makeCsvRowReader(letter.csv_header ?? "", table, reads.columns)(payload)
        : readJsonEvent(payload);
    if ("error" in parsed) return parsed;
    edit(parsed.event);
    return reads.map(parsed.event);
  } catch {
    return { error: errorValue("event.not_one_row", { field: "event" }) };
  }
}

function readMappedLine(payload: string, reads: Exclude<Reads, { kind: "events" }>, header: string | null): Parsed {
  if (isTooLong(payload)) return { error: tooLongError() };
  if (reads.kind === "lines") return reads.parse(payload.replace(/\r?\n$/, ""));
  const read = makeW3cReader(header ?? "").read(payload);
  return read?.parsed ?? { error: errorValue("event.no_fields_line", { field: "row" }) };
}

/** The mapping to read a dead letter with instead of its own; what a collector added to its text is still read. */
export function replaceMapping(own: string | null, given: string | null): string | null {
  const isCollected = (mapping: string | null) => mapping === COLLECTED || mapping?.startsWith(`${COLLECTED}:`);
  if (!isCollected(own) || isCollected(given)) return given;
  return given === null ? COLLECTED : `${COLLECTED}:${given}`;
}

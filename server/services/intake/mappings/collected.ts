import type { LogTable } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { makeNameReader } from "@/server/catalog/spellings";
import { mappingError } from "./mapping-error";
import { applyPairs, fillsColumns, isObject, type Pair, parsePairs } from "./pairs";
import { PRESETS } from "./presets";
import type { MappedEvent, Parsed, Reads } from "./text-mapping";
import { enclose, makeAnyLineParser, take } from "./wrapper";

/**
 * The expression of the mapping of events that a collector sent: alone, each event is read by the preset that fits it;
 * `collected:EXPRESSION` reads the document, or the line in it, by another mapping.
 */
export const COLLECTED = "collected";

/** What a protocol sends beside an event. */
export interface CollectedLabels {
  /** The event's id, unique in its table. */
  readonly id?: string;
  /** The time of an event that has none. */
  readonly time?: string | number;
  /** Stored in `extra`, unless the event has a member of the name. */
  readonly labels?: Readonly<Record<string, unknown>>;
}

const LINE_NAMES = ["message", "log", "line", "MESSAGE"];
const TIME_NAMES = ["@timestamp", "time", "date", "timestamp"];
/** Documents that also contain their line; the other presets are tried after the line. */
const BEFORE_LINE = "ecs";

type DocumentReader = (document: MappedEvent) => Parsed;

/** The members that carry the labels of a document. */
export function labelled({ id, time, labels }: CollectedLabels): MappedEvent {
  return { $id: id, $time: time, $labels: labels };
}

/** The document with its labels as one JSON object: the text of a dead letter, which collectedReader reads. */
export function collectedText(document: MappedEvent, { id, time, labels }: CollectedLabels): string {
  return JSON.stringify({ ...document, ...labelled({ id, time, labels }) });
}

/**
 * Creates the reader of collectedText.
 * @param inner the mapping that was requested
 * @throws AppError if it cannot read a document
 */
export function collectedReader(table: LogTable, inner: Reads | undefined): (event: unknown) => Parsed {
  const read = documentReader(table, inner);
  return (event) => {
    if (!isObject(event)) return { event };
    const { $id: id, $time: time, $labels: labels, ...document } = event;
    return addLabels(read(document), {
      ...(typeof id === "string" && { id }),
      ...((typeof time === "string" || typeof time === "number") && { time }),
      ...(isObject(labels) && { labels }),
    });
  };
}

function documentReader(table: LogTable, inner: Reads | undefined): DocumentReader {
  if (!inner) return makeDocumentReader(table);
  if (inner.kind === "events") return inner.map;
  if (inner.kind === "w3c") throw mappingError("mapping.wrong_format", { kind: inner.kind });
  const { parse } = inner;
  return (document) => {
    const { line, rest } = divide(document);
    if (line === undefined) return { error: errorValue("event.no_line", { field: LINE_NAMES.join(", ") }) };
    return enclose(parse(line), take(rest, TIME_NAMES), rest);
  };
}

function addLabels(parsed: Parsed, { id, time, labels }: CollectedLabels): Parsed {
  if (!("event" in parsed) || !isObject(parsed.event)) return parsed;
  const { event } = parsed;
  const more = { ...labels };
  if (id !== undefined) {
    if (event.id !== undefined && event.id !== null && event.id !== "" && event.id !== id) more.id = event.id;
    event.id = id;
  }
  return enclose(parsed, time, more);
}

/** The line of a document, and the other members. */
function divide(document: MappedEvent): { line?: string; rest: MappedEvent } {
  const rest: MappedEvent = { ...document };
  const name = LINE_NAMES.find((candidate) => typeof rest[candidate] === "string");
  const line = name === undefined ? undefined : rest[name];
  if (name === undefined || typeof line !== "string") return { rest };
  delete rest[name];
  return { line: line.replace(/\r?\n$/, ""), rest };
}

/**
 * Creates the reader of documents of any kind: with the names of the columns, in the format of a preset, with a log
 * line in any format, or with such a document as a member.
 */
function makeDocumentReader(table: LogTable): DocumentReader {
  const required = table.columns.flatMap(({ name, required }) => (required ? [name] : []));
  const isOwn = ownNames(table, required);
  const parseLine = makeAnyLineParser(table);
  const fields = PRESETS.flatMap((preset) =>
    preset.kind === "fields" && preset.table === table.name
      ? [{ name: preset.name, pairs: parsePairs(preset.map, table) }]
      : [],
  );
  const applyFirst = (document: MappedEvent, from: readonly { readonly pairs: readonly Pair[] }[]) => {
    const fit = from.find(({ pairs }) => fillsColumns(document, pairs, required));
    return fit && { event: applyPairs(document, fit.pairs) };
  };
  const before = fields.filter(({ name }) => name === BEFORE_LINE);
  const after = fields.filter(({ name }) => name !== BEFORE_LINE);

  const read = (document: MappedEvent, depth: number): Parsed => {
    if (isOwn(document)) return { event: document };
    const first = applyFirst(document, before);
    if (first) return first;
    const { line, rest } = divide(document);
    const parsed = line === undefined ? undefined : parseLine(line);
    if (parsed && "event" in parsed) return enclose(parsed, take(rest, TIME_NAMES), rest);
    const found = applyFirst(document, after);
    if (found) return found;
    if (parsed) return parsed;
    for (const name of LINE_NAMES) {
      const { [name]: inner, ...others } = document;
      if (depth > 0 || !isObject(inner)) continue;
      const within = read(inner, depth + 1);
      return enclose(within, take(others, TIME_NAMES), others);
    }
    return { event: document };
  };
  return (document) => read(document, 0);
}

/** Creates a function that returns whether an event has the required columns, under any of their names. */
function ownNames(table: LogTable, required: readonly string[]): (document: MappedEvent) => boolean {
  const readName = makeNameReader(table);
  const columnOf = (name: string) => table.columns[readName(name)?.index ?? -1]?.name;
  return (document) => {
    if (required.every((name) => document[name] !== undefined && document[name] !== null)) return true;
    const named = new Set(Object.keys(document).map(columnOf));
    // A request line contains the path.
    if (typeof document.request === "string") named.add("request_path");
    return required.every((name) => named.has(name));
  };
}

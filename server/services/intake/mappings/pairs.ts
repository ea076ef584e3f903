import type { DurationUnit, LogTable } from "@/server/catalog";
import { mappingError } from "./mapping-error";
import type { MappedEvent } from "./text-mapping";
import { readEpoch, readMilliseconds } from "./time-values";

const UNITS = ["s", "ms", "us", "ns"] as const satisfies readonly DurationUnit[];

/** A column and where its value is in an event. */
export interface Pair {
  readonly column: string;
  /** Member names from the outermost; the first path with a value is used. */
  readonly paths: readonly (readonly string[])[];
  /** The value itself, for `column='text'`. */
  readonly constant?: string;
  readonly unit?: DurationUnit;
}

const PLAIN = /[^,:="'.|]/;
const COLUMN = /\s*([a-z_]+)\s*/y;

/** Whether a text is meant as pairs rather than as a name or a text format. */
export function looksLikePairs(text: string): boolean {
  return /^\s*[A-Za-z_]+\s*=/.test(text) && !/[$%]/.test(text.replace(/"[^"]*"/g, ""));
}

/**
 * Parses `ip_address=request.remote_ip,response_time=duration:s`.
 * @throws AppError with the position of the error
 */
export function parsePairs(text: string, table: LogTable): Pair[] {
  const pairs: Pair[] = [];
  let at = 0;
  for (;;) {
    const pair = readPair(text, at, table);
    if (pairs.some(({ column }) => column === pair.pair.column)) {
      throw mappingError("mapping.column_twice", { name: pair.pair.column }, at);
    }
    pairs.push(pair.pair);
    at = pair.end;
    if (at >= text.length) return pairs;
    if (text[at] !== ",") throw mappingError("mapping.comma", {}, at);
    at++;
    if (text.slice(at).trim() === "") return pairs;
  }
}

function readPair(text: string, start: number, table: LogTable): { pair: Pair; end: number } {
  COLUMN.lastIndex = start;
  const match = COLUMN.exec(text);
  const column = match?.[1] ?? "";
  const nameAt = start + (text.slice(start).length - text.slice(start).trimStart().length);
  let at = start + (match?.[0].length ?? 0);
  if (column === "" || text[at] !== "=") throw mappingError("mapping.pair", {}, nameAt);
  const known = table.columns.find(({ name }) => name === column && name !== "extra");
  if (!known) throw mappingError("mapping.column_unknown", { name: column, names: namesOf(table) }, nameAt);
  at++;
  while (text[at] === " ") at++;
  if (text[at] === "'") {
    const end = text.indexOf("'", at + 1);
    if (end === -1) throw mappingError("mapping.quote_open", {}, at);
    const after = skipSpaces(text, end + 1);
    return { pair: { column, paths: [], constant: text.slice(at + 1, end) }, end: after };
  }
  const paths: string[][] = [];
  for (;;) {
    const path = readPath(text, at);
    paths.push(path.names);
    at = path.end;
    if (text[at] !== "|") break;
    at++;
  }
  if (text[at] !== ":") return { pair: { column, paths }, end: at };
  const unitAt = at + 1;
  const word = /^\s*([^,]*)/.exec(text.slice(unitAt));
  const unit = UNITS.find((name) => name === word?.[1]?.trim());
  const isTimed = known.type === "timestamptz" || known.isDuration === true;
  if (!unit || !isTimed) throw mappingError("mapping.unit", { unit: word?.[1]?.trim() ?? "", column }, unitAt);
  return { pair: { column, paths, unit }, end: unitAt + (word?.[0].length ?? 0) };
}

function readPath(text: string, start: number): { names: string[]; end: number } {
  const names: string[] = [];
  let at = start;
  for (;;) {
    at = skipSpaces(text, at);
    if (text[at] === '"') {
      const end = text.indexOf('"', at + 1);
      if (end === -1) throw mappingError("mapping.quote_open", {}, at);
      names.push(text.slice(at + 1, end));
      at = skipSpaces(text, end + 1);
    } else {
      const from = at;
      while (at < text.length && PLAIN.test(text[at] ?? "")) at++;
      const name = text.slice(from, at).trim();
      if (name === "") throw mappingError("mapping.path", {}, from);
      names.push(name);
    }
    if (text[at] !== ".") return { names, end: at };
    at++;
  }
}

/** Parses one path, such as `request.remote_ip`. @throws AppError with the position of the error */
export function parsePath(text: string): string[] {
  const { names, end } = readPath(text, 0);
  if (end < text.length) throw mappingError("mapping.path", {}, end);
  return names;
}

function skipSpaces(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\n") at++;
  return at;
}

function namesOf(table: LogTable): string {
  return table.columns.flatMap(({ name }) => (name === "extra" ? [] : [name])).join(", ");
}

/**
 * Moves the values of an event to their columns, in place. Its other members remain; those with a common name are read
 * like in any event, the others are stored in `extra`.
 */
export function applyPairs(event: unknown, pairs: readonly Pair[]): unknown {
  if (!isObject(event)) return event;
  const found: [string, unknown][] = [];
  const used: (readonly string[])[] = [];
  for (const { column, paths, constant, unit } of pairs) {
    if (constant !== undefined) found.push([column, constant]);
    for (const path of paths) {
      const { value, names } = resolve(event, path) ?? {};
      if (names === undefined || isNoValue(value)) continue;
      found.push([column, convert(value, unit, column)]);
      used.push(names);
      break;
    }
  }
  for (const names of used) remove(event, names);
  for (const [column, value] of found) {
    // A member that happens to have the name of the column has another meaning.
    const own = event[column];
    if (own !== undefined && own !== null) event.extra = { ...(isObject(event.extra) && event.extra), [column]: own };
    event[column] = value;
  }
  return event;
}

/** Whether an event has a value for each of the columns that the pairs name. */
export function fillsColumns(event: unknown, pairs: readonly Pair[], columns: readonly string[]): boolean {
  return columns.every((name) => {
    const pair = pairs.find(({ column }) => column === name);
    return pair?.constant !== undefined || pair?.paths.some((path) => !isNoValue(resolve(event, path)?.value));
  });
}

function isNoValue(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === "-";
}

function convert(value: unknown, unit: DurationUnit | undefined, column: string): unknown {
  if (unit === undefined) return value;
  if (column === "created_at") return readEpoch(value, unit) ?? value;
  return readMilliseconds(value, unit) ?? value;
}

/** The names by which a value is reached; some producers write the names of nested members with dots. */
function resolve(event: unknown, path: readonly string[]): { value: unknown; names: readonly string[] } | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  for (let length = path.length; length > 0; length--) {
    const name = length === 1 ? (path[0] ?? "") : path.slice(0, length).join(".");
    if (!Object.hasOwn(event, name)) continue;
    const value: unknown = Reflect.get(event, name);
    if (length === path.length) return { value, names: [name] };
    const inner = resolve(value, path.slice(length));
    if (inner) return { value: inner.value, names: [name, ...inner.names] };
  }
  return undefined;
}

/** Replaces the value at a path, in place, if the event has one. */
export function replaceAt(event: unknown, path: readonly string[], replacement: (value: unknown) => unknown): void {
  const names = resolve(event, path)?.names;
  if (!names) return;
  let parent: unknown = event;
  for (const name of names.slice(0, -1)) parent = Reflect.get(Object(parent), name);
  const last = names.at(-1) ?? "";
  Reflect.set(Object(parent), last, replacement(Reflect.get(Object(parent), last)));
}

/** Removes a member, and objects and lists that become empty. */
function remove(event: MappedEvent, names: readonly string[]): void {
  const parents: object[] = [event];
  for (const name of names.slice(0, -1)) {
    const parent: unknown = Reflect.get(parents.at(-1) ?? {}, name);
    if (typeof parent !== "object" || parent === null) return;
    parents.push(parent);
  }
  for (let depth = names.length - 1; depth >= 0; depth--) {
    const parent = parents[depth] ?? {};
    if (Array.isArray(parent)) {
      if (parent.length > 1) return;
      parent.length = 0;
    } else Reflect.deleteProperty(parent, names[depth] ?? "");
    if (Object.keys(parent).length > 0) return;
  }
}

export function isObject(value: unknown): value is MappedEvent {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

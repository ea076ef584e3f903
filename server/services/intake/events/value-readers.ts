import type { Column, DurationUnit } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { type ClientExtra, readClientAddress } from "@/server/catalog/formats/client-address";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { parseEventTime } from "@/server/lib/event-time";
import { parseJson } from "@/server/lib/json";
import { postgresText } from "@/server/lib/postgres-text";
import { type Instant, instantFromEpoch } from "@/server/lib/time";
import { InvalidEvent } from "./invalid-event";
import { jsonText } from "./json-text";

export interface ReadValue {
  /** As PostgreSQL text. */
  readonly value: string | null;
  /** The part of the value that does not fit the column. */
  readonly extra?: ClientExtra;
}

/**
 * Parses a value of a column.
 * @param unit of a duration, if its name contains one
 * @throws InvalidEvent when the column does not accept it
 */
export type ValueReader = (value: unknown, unit?: DurationUnit) => ReadValue;

/** Creates the parser of a column. @param timeZone of times without an offset */
export function makeValueReader(column: Column, timeZone: string): ValueReader {
  const { name } = column;
  switch (column.type) {
    case "text":
      return column.isAddress
        ? (value) => readAddressText(value, column)
        : (value) => ({ value: readText(value, column) });
    case "integer":
      return column.isDuration
        ? (value, unit = "ms") => ({ value: readDuration(value, column, unit) })
        : (value) => ({ value: readInteger(value, column) });
    case "inet":
      return (value) => readAddress(value, name);
    case "jsonb":
      return (value) => ({ value: readJson(value, name) });
    case "timestamptz":
      return (value) => ({ value: readInstant(value, name, timeZone) });
    case "uuid":
      return (value) => ({ value: readText(value, { ...column, maxLength: 36 }) });
  }
}

function readText(value: unknown, { name, maxLength }: Column): string {
  let text: string;
  if (typeof value === "string") text = postgresText(value);
  else if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") text = String(value);
  else throw new InvalidEvent(errorValue("event.not_text", { field: name }));
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  if (maxLength !== undefined && text.length > maxLength && [...text].length > maxLength) {
    throw new InvalidEvent(errorValue("event.longer_than", { field: name, max: maxLength }));
  }
  return text;
}

const NUMBER = /^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/;

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : Number.NaN;
}

function readInteger(value: unknown, column: Column): string | null {
  if (value === "") return null;
  const isFlag = column.min === 0 && column.max === 1;
  const number = isFlag && isBoolean(value) ? Number(String(value) === "true") : numberOf(value);
  if (!Number.isInteger(number)) throw new InvalidEvent(errorValue("event.not_whole_number", { field: column.name }));
  return withinBounds(number, column);
}

const isBoolean = (value: unknown) => ["true", "false"].includes(String(value));

function withinBounds(number: number, { name, min = -2_147_483_648, max = 2_147_483_647 }: Column): string {
  if (number < min || number > max)
    throw new InvalidEvent(errorValue("event.outside_range", { field: name, min, max }));
  return String(number);
}

const MILLISECONDS = { s: 1_000, ms: 1, us: 1 / 1_000, ns: 1 / 1_000_000 } as const satisfies Record<
  DurationUnit,
  number
>;

/**
 * Parses a duration in milliseconds, rounded, but never to 0. A fraction below 1 is most likely a time in seconds and
 * is rejected.
 */
function readDuration(value: unknown, column: Column, unit: DurationUnit): string | null {
  if (value === "") return null;
  const number = numberOf(value);
  if (!Number.isFinite(number)) throw new InvalidEvent(errorValue("event.not_number", { field: column.name }));
  if (unit === "ms" && number > 0 && number < 1)
    throw new InvalidEvent(errorValue("event.below_one_ms", { field: column.name }));
  const milliseconds = number * MILLISECONDS[unit];
  return withinBounds(milliseconds > 0 ? Math.max(1, Math.round(milliseconds)) : Math.ceil(milliseconds), column);
}

function readAddress(value: unknown, name: string): ReadValue {
  if (value === "") return { value: null };
  const found = typeof value === "string" ? readClientAddress(value.trim()) : undefined;
  if (!found) throw new InvalidEvent(errorValue("event.not_address", { field: name }));
  return { value: found.address, extra: found.extra };
}

/** Text that is not an address, such as a service's host name, is stored unchanged. */
function readAddressText(value: unknown, column: Column): ReadValue {
  const text = readText(value, column);
  const found = readClientAddress(text.trim());
  return found ? { value: found.address, extra: found.extra } : { value: text };
}

function readJson(value: unknown, name: string): string | null {
  if (typeof value === "string") {
    if (value === "") return null;
    const parsed = parseIfJson(value);
    if (parsed !== undefined) return jsonText(parsed, name);
  }
  return jsonText(value, name);
}

/** Parses a text as an object or list; undefined for any other text. */
export function parseIfJson(text: string): unknown {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** A smaller number is a duration, or a spreadsheet's date serial. */
const MIN_EPOCH = 1e8;
const EARLIEST = String(FIRST_YEAR);
const TOO_LATE = String(LAST_YEAR + 1);

function readInstant(value: unknown, name: string, timeZone: string): Instant | null {
  if (value === "") return null;
  const instant =
    typeof value === "string"
      ? parseEventTime(value.trim(), timeZone)
      : typeof value === "number" && Math.abs(value) >= MIN_EPOCH
        ? instantFromEpoch(value)
        : undefined;
  if (!instant) throw new InvalidEvent(errorValue("event.not_time", { field: name }));
  if (instant < EARLIEST || instant >= TOO_LATE)
    throw new InvalidEvent(errorValue("event.outside_years", { field: name, min: FIRST_YEAR, max: LAST_YEAR }));
  return instant;
}

import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { Column, LogTable } from "@/server/catalog";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { parseJson } from "@/server/json";
import { type Instant, instantFromEpoch, parseInstant } from "@/server/time";
import { parseUserAgent } from "@/server/user-agent";
import { InvalidEvent } from "./invalid-event";
import { jsonText, postgresText } from "./text";
import type { Row } from "./types";

export interface NormalisedEvent {
  /** Its id is null where the event brings none. */
  readonly row: Row;
  /** The event brought no time. */
  readonly undated: boolean;
}

/** @throws InvalidEvent when the event cannot be a row */
export type Normaliser = (event: unknown, receivedAt: Instant) => NormalisedEvent;

type ValueReader = (value: unknown) => string | null;

/**
 * Makes the function that turns an event of `table`, anything at all, into a row: a value a column as
 * PostgreSQL text. Fields without a column are kept in `extra`.
 * @param timeZone of times without an offset
 */
export function makeNormaliser(table: LogTable, timeZone: string): Normaliser {
  const position = new Map(table.columns.map((column, index) => [column.name, index]));
  const at = (name: string) => position.get(name) ?? -1;
  const idAt = at("id");
  const createdAt = at("created_at");
  const extraAt = at("extra");
  const userAgentAt = at("user_agent");
  const readers = table.columns.map((column) => makeReader(column, timeZone));
  const blank: Row = table.columns.map(() => null);
  const required = table.columns.flatMap((column, index) => (column.required ? [{ name: column.name, index }] : []));
  const derived = table.derivedFromUserAgent.map((name) => ({ name, index: at(name) }));

  return (event, receivedAt) => {
    if (!isObject(event)) throw new InvalidEvent("event", "not_object");
    const row = blank.slice();
    const extra: Record<string, unknown> = {};
    let hasExtra = false;
    let producerId: unknown;

    for (const key of Object.keys(event)) {
      const value = event[key];
      if (value === null || value === undefined) continue;
      const index = position.get(key);
      if (index === idAt) {
        if (value !== "") producerId = value;
      } else if (key === "event_id" && isBlank(event.id)) {
        producerId = value;
      } else if (index === undefined) {
        hasExtra = true;
        keep(extra, key, value);
      } else if (index === extraAt) {
        hasExtra = true;
        if (isObject(value)) for (const [name, inner] of Object.entries(value)) keep(extra, name, inner);
        else keep(extra, key, value);
      } else {
        row[index] = readers[index]?.(value) ?? null;
      }
    }

    for (const { name, index } of required) {
      if (!row[index]) throw new InvalidEvent(name, "missing");
    }
    const id = producerId === undefined ? undefined : readId(producerId);
    if (id) {
      row[idAt] = id.uuid;
      if (id.isDerived) {
        hasExtra = true;
        extra.event_id = producerId;
      }
    }
    const undated = row[createdAt] === null;
    if (undated) row[createdAt] = receivedAt;
    if (hasExtra) row[extraAt] = jsonText(extra, "extra");

    const userAgent = row[userAgentAt];
    if (userAgent && derived.some(({ index }) => row[index] === null)) {
      const parts = parseUserAgent(userAgent);
      for (const { name, index } of derived) row[index] ??= parts[name];
    }
    return { row, undated };
  };
}

/** Sets a property of `target` itself, also where its name means something to JavaScript. */
function keep(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A producer's id that is no UUID stands as the UUID of its hash, and as it came in `extra.event_id`. */
function readId(value: unknown): { uuid: string; isDerived: boolean } | undefined {
  if (typeof value === "string" && UUID.test(value)) return { uuid: value.toLowerCase(), isDerived: false };
  if (value === "") return undefined;
  if (typeof value !== "string" && typeof value !== "number") throw new InvalidEvent("id", "not_text_or_number");
  const hex = createHash("md5").update(`event-id:${value}`).digest("hex");
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  return { uuid, isDerived: true };
}

function makeReader(column: Column, timeZone: string): ValueReader {
  const { name } = column;
  switch (column.type) {
    case "text":
      return (value) => readText(value, name, column.maxLength);
    case "integer":
      return (value) => readInteger(value, column);
    case "inet":
      return (value) => readAddress(value, name);
    case "jsonb":
      return (value) => readJson(value, name);
    case "timestamptz":
      return (value) => readInstant(value, name, timeZone);
    case "uuid":
      return (value) => readText(value, name, 36);
  }
}

function readText(value: unknown, name: string, maxLength: number | undefined): string {
  let text: string;
  if (typeof value === "string") text = postgresText(value);
  else if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") text = String(value);
  else throw new InvalidEvent(name, "not_text");
  // PostgreSQL counts characters, JavaScript UTF-16 units.
  if (maxLength !== undefined && text.length > maxLength && [...text].length > maxLength) {
    throw new InvalidEvent(name, "longer_than", { max: maxLength });
  }
  return text;
}

const NUMBER = /^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/;

function readInteger(value: unknown, column: Column): string | null {
  if (value === "") return null;
  const number =
    typeof value === "number" ? value : typeof value === "string" && NUMBER.test(value) ? Number(value) : Number.NaN;
  const whole = column.rounded ? Math.round(number) : number;
  if (!Number.isInteger(whole)) throw new InvalidEvent(column.name, "not_whole_number");
  const { min = -2_147_483_648, max = 2_147_483_647 } = column;
  if (whole < min || whole > max) throw new InvalidEvent(column.name, "outside_range", { min, max });
  return String(whole);
}

function readAddress(value: unknown, name: string): string | null {
  if (value === "") return null;
  if (typeof value === "string") {
    const text = value.trim();
    if (isIP(text) !== 0 && !text.includes("%")) return text;
  }
  throw new InvalidEvent(name, "not_address");
}

function readJson(value: unknown, name: string): string | null {
  if (typeof value === "string") {
    if (value === "") return null;
    const first = value.trimStart()[0];
    if (first === "{" || first === "[") {
      try {
        return jsonText(parseJson(value), name);
      } catch (error) {
        if (error instanceof InvalidEvent) throw error;
        // Text that only looks like JSON is kept as text.
      }
    }
  }
  return jsonText(value, name);
}

const EARLIEST = String(FIRST_YEAR);
const TOO_LATE = String(LAST_YEAR + 1);

function readInstant(value: unknown, name: string, timeZone: string): string | null {
  if (value === "") return null;
  const instant =
    typeof value === "string"
      ? parseInstant(value.trim(), timeZone)
      : typeof value === "number"
        ? instantFromEpoch(value)
        : undefined;
  if (!instant) throw new InvalidEvent(name, "not_time");
  if (instant < EARLIEST || instant >= TOO_LATE)
    throw new InvalidEvent(name, "outside_years", { min: FIRST_YEAR, max: LAST_YEAR });
  return instant;
}

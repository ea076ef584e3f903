import { hash } from "node:crypto";
import type { LogTable } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { splitRequest } from "@/server/catalog/formats/request-line";
import type { PlaceLookup } from "@/server/geolocation";
import { hashUuid } from "@/server/lib/hash-uuid";
import type { Instant } from "@/server/lib/time";
import { parseUserAgent } from "@/server/lib/user-agent";
import type { Row } from "../batch";
import { ExportedRow, makeExportedRowReader, readExportedMessage } from "./exported-row";
import { InvalidEvent } from "./invalid-event";
import { jsonText } from "./json-text";
import { makeSpelledValues, type Spelled } from "./spelled-values";
import { makeValueReader, parseIfJson, type ReadValue } from "./value-readers";

export interface NormalisedEvent {
  /** The id is null when the event has none. */
  readonly row: Row;
  /** Whether the event had no time. */
  readonly undated: boolean;
}

/** @throws InvalidEvent when the event cannot become a row */
export type Normaliser = (event: unknown, receivedAt: Instant, places?: PlaceLookup) => NormalisedEvent;

/**
 * Creates a function that converts an event of `table`, of any type, into a row: PostgreSQL text for each column.
 * Fields without a column are stored in `extra`.
 * @param timeZone of times without an offset
 */
export function makeNormaliser(table: LogTable, timeZone: string): Normaliser {
  const position = new Map(table.columns.map((column, index) => [column.name, index]));
  const at = (name: string) => position.get(name) ?? -1;
  const idAt = at("id");
  const createdAt = at("created_at");
  const extraAt = at("extra");
  const userAgentAt = at("user_agent");
  const addressAt = at("ip_address");
  const pathAt = at("request_path");
  const methodAt = at("request_method");
  const readers = table.columns.map((column) => makeValueReader(column, timeZone));
  const spellings = makeSpelledValues(table, readers);
  const blank: Row = table.columns.map(() => null);
  const required = table.columns.flatMap((column, index) => (column.required ? [{ name: column.name, index }] : []));
  const derived = table.derivedFromUserAgent.map((name) => ({ name, index: at(name) }));

  const located = table.derivedFromAddress.map((name) => ({ name, index: at(name) }));

  const readExported = makeExportedRowReader(table, timeZone);

  return (event, receivedAt, places) => {
    if (!isObject(event)) throw new InvalidEvent(errorValue("event.not_object", { field: "event" }));
    const exported = event instanceof ExportedRow ? event : readExportedMessage(event, table);
    if (exported) return { row: readExported(exported), undated: false };
    const row = blank.slice();
    const extra = makeExtra();
    const spelled: Spelled[] = [];
    let producerId: unknown;
    const take = (index: number, read: ReadValue) => {
      row[index] = read.value;
      if (read.extra) extra.add(read.extra);
    };

    for (const key of Object.keys(event)) {
      const value = event[key];
      if (value === null || value === undefined) continue;
      const index = position.get(key);
      if (index === idAt) {
        if (value !== "") producerId = value;
      } else if (key === "event_id" && isBlank(event.id)) {
        producerId = value;
      } else if (index === undefined) {
        const column = spellings.columnOf(key);
        if (column) spelled.push({ name: key, value, column });
        else extra.set(key, value);
      } else if (index === extraAt) {
        const fields = typeof value === "string" ? parseIfJson(value) : value;
        if (isObject(fields)) extra.add(fields);
        else extra.set(key, value);
      } else {
        const read = readers[index]?.(value);
        if (read) take(index, read);
      }
    }
    if (spelled.length > 0) spellings.fill(row, spelled, { take, keep: extra.set });
    if (pathAt !== -1) readRequestLine(row, extra);

    for (const { name, index } of required) {
      if (!row[index]) throw new InvalidEvent(errorValue("event.missing", { field: name }));
    }
    const id = producerId === undefined ? undefined : readId(producerId);
    if (id) {
      row[idAt] = id.uuid;
      if (id.isDerived) extra.set("event_id", producerId);
    }
    const undated = row[createdAt] === null;
    if (undated) row[createdAt] = receivedAt;
    if (!extra.isEmpty()) row[extraAt] = jsonText(extra.fields, "extra");
    if (places && located.length > 0) locate(row, extra, places);

    const userAgent = row[userAgentAt];
    if (userAgent && derived.some(({ index }) => row[index] === null)) {
      const parts = parseUserAgent(userAgent);
      for (const { name, index } of derived) row[index] ??= parts[name];
    }
    return { row, undated };
  };

  /** Adds the place of the address, unless the producer provided one, and the provider, likewise. */
  function locate(row: Row, extra: Extra, places: PlaceLookup): void {
    const address = row[addressAt];
    const place = address && places(address);
    if (!place) return;
    // A part of the producer's place and a part of another one would be a place that does not exist.
    if (located.every(({ index }) => !row[index])) {
      for (const { name, index } of located) row[index] = place[name];
    }
    if (place.extra === null || PROVIDER_MEMBERS.some((name) => name in extra.fields)) return;
    const others = row[extraAt] ?? "{}";
    row[extraAt] = others === "{}" ? place.extra : `${others.slice(0, -1)},${place.extra.slice(1)}`;
  }

  /** Parses nginx's `request: "GET /path HTTP/1.1"`, for columns without a field of their own. */
  function readRequestLine(row: Row, extra: Extra): void {
    const { request } = extra.fields;
    if (typeof request !== "string" || (row[pathAt] !== null && row[methodAt] !== null)) return;
    const { request_method, request_path, protocol } = splitRequest(request);
    if (request_method === "-") return;
    row[methodAt] ??= request_method;
    if (row[pathAt] !== null) return;
    row[pathAt] = request_path;
    extra.delete("request");
    if (protocol !== undefined && !("protocol" in extra.fields)) extra.set("protocol", protocol);
  }
}

/** Members of `extra` with the provider; the first one is derived. */
const PROVIDER_MEMBERS = ["provider", "isp"] as const;

interface Extra {
  readonly fields: Readonly<Record<string, unknown>>;
  set(name: string, value: unknown): void;
  add(fields: object): void;
  delete(name: string): void;
  isEmpty(): boolean;
}

/** Collects the fields of an event that have no column. */
function makeExtra(): Extra {
  const fields: Record<string, unknown> = {};
  let size = 0;
  const set = (name: string, value: unknown) => {
    size++;
    if (name !== "__proto__") fields[name] = value;
    // Defined as an own property, since names such as `__proto__` are special in JavaScript.
    else Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  };
  return {
    fields,
    set,
    add: (more) => {
      size++;
      for (const [name, value] of Object.entries(more)) set(name, value);
    },
    delete: (name) => {
      size--;
      delete fields[name];
    },
    isEmpty: () => size === 0,
  };
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A producer's id that is not a UUID is stored as the UUID of its hash, and unchanged in `extra.event_id`. */
function readId(value: unknown): { uuid: string; isDerived: boolean } | undefined {
  if (typeof value === "string" && UUID.test(value)) return { uuid: value.toLowerCase(), isDerived: false };
  if (value === "") return undefined;
  if (typeof value !== "string" && typeof value !== "number")
    throw new InvalidEvent(errorValue("event.not_text_or_number", { field: "id" }));
  const digest = hash("md5", `event-id:${value}`);
  // Earlier versions always wrote the variant as 8, so it is kept to recognize their events.
  return { uuid: hashUuid(`${digest.slice(0, 16)}8${digest.slice(17)}`, 8), isDerived: true };
}

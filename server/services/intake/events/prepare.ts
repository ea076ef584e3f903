import { createHash, type Hash, randomUUID } from "node:crypto";
import type { LogTableName } from "@/server/catalog";
import { logTables } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { postgresText } from "@/server/lib/postgres-text";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import { type BatchOrigin, type DeadLetterDraft, ID, type IncomingEvent, type PreparedBatch, type Row } from "../batch";
import { plainIdOf } from "../identity/identity";
import { applyRules } from "../rules/rule-set";
import { beginningOf, isTooLong, MAX_EVENT_BYTES, tooLongError } from "./event-limit";
import { InvalidEvent } from "./invalid-event";
import { makeNormaliser, type Normaliser } from "./normalise";

const normalisers = new Map<string, Normaliser>();

function normaliserOf(table: LogTableName, timeZone: string): Normaliser {
  const key = `${table}|${timeZone}`;
  const known = normalisers.get(key);
  if (known) return known;
  const normaliser = makeNormaliser(logTables[table], timeZone);
  normalisers.set(key, normaliser);
  return normaliser;
}

/**
 * Validates and normalizes each event into a row or a dead letter with its reason, and applies the intake rules to the
 * rows. Does not access the database, and yields to the event loop.
 */
export async function prepareBatch(
  ctx: Pick<Context, "config" | "geolocation">,
  table: LogTableName,
  events: readonly IncomingEvent[],
  origin: BatchOrigin,
): Promise<PreparedBatch> {
  const normalise = normaliserOf(table, ctx.config.timeZone);
  const batch: PreparedBatch = { table, origin, rows: [], events: [], undated: [], dead: [], dropped: [] };
  const places = await ctx.geolocation?.lookup();
  const slice = makeTimeSlice();
  for (const incoming of events) {
    const pause = slice();
    if (pause) await pause;
    try {
      const { row, undated } = normalise(incoming.event, incoming.receivedAt ?? origin.receivedAt, places);
      if (isRowTooLong(row)) {
        batch.dead.push(draftOf(table, incoming, origin, fallbackIdOf(incoming), tooLongError()));
        continue;
      }
      const hasId = row[ID] !== null || origin.keepsFirstTime === true;
      row[ID] ??= undated && !hasId ? undatedId(incoming, origin) : fallbackIdOf(incoming);
      const dropping = origin.rules.rules.length > 0 ? await applyRules(row, origin.rules, slice) : undefined;
      if (dropping) {
        const importId = incoming.importId ?? origin.importId ?? null;
        batch.dropped.push({ id: row[ID] ?? "", rule: dropping.name, line: incoming.line ?? null, importId });
        continue;
      }
      if (hasId && undated) batch.undated.push(batch.rows.length);
      batch.rows.push(row);
      batch.events.push(incoming);
    } catch (error) {
      if (!(error instanceof InvalidEvent)) throw error;
      batch.dead.push(draftOf(table, incoming, origin, fallbackIdOf(incoming), error.error));
    }
  }
  return batch;
}

/**
 * Creates the dead letter of an invalid event. Its id is derived from all inputs of its replay, so that the same text
 * for another table, or under another CSV header, is a separate dead letter.
 * @param id the event's id
 */
export function draftOf(
  table: LogTableName,
  incoming: Pick<IncomingEvent, "raw" | "line" | "importId" | "csvHeader">,
  origin: BatchOrigin,
  id: string,
  error: ErrorValue,
): DeadLetterDraft {
  const text = typeof incoming.raw === "string" ? incoming.raw : incoming.raw();
  const letterId = letterIds(table, origin);
  const eventPlainId = origin.plainIds?.get(id);
  return {
    id: letterId(id),
    plainId: eventPlainId && letterId(eventPlainId),
    payload: postgresText(isTooLong(text) ? beginningOf(text) : text),
    format: origin.format,
    csvHeader: incoming.csvHeader ?? origin.csvHeader ?? null,
    mapping: origin.mapping ?? null,
    error,
    source: origin.source,
    line: incoming.line ?? null,
    importId: incoming.importId ?? origin.importId ?? null,
    rules: origin.rules,
  };
}

const letterHashes = new WeakMap<BatchOrigin, Hash>();

/** The SHA-1 of `[table, format, header, event's id]` as JSON; a long header is hashed once for all its rows. */
function letterIds(table: LogTableName, origin: BatchOrigin): (eventId: string) => string {
  const known = letterHashes.get(origin);
  const shared = known ?? createHash("sha1");
  if (!known) {
    shared.update(JSON.stringify([table, origin.format, origin.csvHeader ?? null]).slice(0, -1));
    letterHashes.set(origin, shared);
  }
  return (eventId) =>
    plainIdOf(
      shared
        .copy()
        .update(`,${JSON.stringify(eventId)}]`)
        .digest("hex"),
    );
}

/** Returns whether a row is too long. An event that arrived as an object has no original text to measure. */
function isRowTooLong(row: Row): boolean {
  let length = 0;
  for (const value of row) length += value?.length ?? 0;
  if (length * 3 <= MAX_EVENT_BYTES) return false;
  return row.reduce((bytes, value) => bytes + Buffer.byteLength(value ?? ""), 0) > MAX_EVENT_BYTES;
}

/** Returns the id of an event without a time. Unless its file has a time, the event is new each time it is sent. */
function undatedId(incoming: IncomingEvent, { isFileTime }: BatchOrigin): string {
  return typeof incoming.fallbackId === "string" || isFileTime ? fallbackIdOf(incoming) : randomUUID();
}

function fallbackIdOf({ fallbackId }: IncomingEvent): string {
  return typeof fallbackId === "string" ? fallbackId : fallbackId();
}

import { randomUUID } from "node:crypto";
import type { LogTableName } from "@/server/catalog";
import { logTables } from "@/server/catalog";
import type { Context } from "@/server/context";
import { plainId } from "./identity";
import { InvalidEvent } from "./invalid-event";
import { makeNormaliser, type Normaliser } from "./normalise";
import { postgresText } from "./text";
import type { BatchOrigin, DeadLetterDraft, IncomingEvent, PreparedBatch } from "./types";

const normalisers = new Map<string, Normaliser>();

function normaliserOf(table: LogTableName, timeZone: string): Normaliser {
  const key = `${table}|${timeZone}`;
  const known = normalisers.get(key);
  if (known) return known;
  const made = makeNormaliser(logTables[table], timeZone);
  normalisers.set(key, made);
  return made;
}

/** Validates and normalises each event: it becomes a row, or a dead letter with its reason. Touches no database. */
export function prepareBatch(
  ctx: Pick<Context, "config">,
  table: LogTableName,
  events: readonly IncomingEvent[],
  origin: BatchOrigin,
): PreparedBatch {
  const normalise = normaliserOf(table, ctx.config.timeZone);
  const batch: PreparedBatch = { table, origin, rows: [], events: [], undated: [], dead: [] };
  for (const incoming of events) {
    try {
      const { row, undated } = normalise(incoming.event, incoming.receivedAt ?? origin.receivedAt);
      if (row[0] === null) row[0] = undated ? undatedId(incoming, origin) : fallbackIdOf(incoming);
      else if (undated) batch.undated.push(batch.rows.length);
      batch.rows.push(row);
      batch.events.push(incoming);
    } catch (error) {
      if (!(error instanceof InvalidEvent)) throw error;
      batch.dead.push(draftOf(table, incoming, origin, fallbackIdOf(incoming), error.message));
    }
  }
  return batch;
}

/**
 * The dead letter of an event that cannot be a row. Its id is made of what its replay depends on, so that
 * the same text for another table, or under another CSV header, is another letter.
 * @param id of the event
 */
export function draftOf(
  table: LogTableName,
  incoming: Pick<IncomingEvent, "raw" | "line">,
  origin: BatchOrigin,
  id: string,
  error: string,
): DeadLetterDraft {
  const csvHeader = origin.csvHeader ?? null;
  const letterId = (eventId: string) => plainId(JSON.stringify([table, origin.format, csvHeader, eventId]));
  const eventPlainId = origin.plainIds?.get(id);
  return {
    id: letterId(id),
    plainId: eventPlainId && letterId(eventPlainId),
    payload: postgresText(typeof incoming.raw === "string" ? incoming.raw : incoming.raw()),
    format: origin.format,
    csvHeader,
    error,
    source: origin.source,
    line: incoming.line ?? null,
  };
}

/** Without a time of its own, or of its file, an event is a new one each time it is sent. */
function undatedId(incoming: IncomingEvent, { isFileTime }: BatchOrigin): string {
  return typeof incoming.fallbackId === "string" || isFileTime ? fallbackIdOf(incoming) : randomUUID();
}

function fallbackIdOf({ fallbackId }: IncomingEvent): string {
  return typeof fallbackId === "string" ? fallbackId : fallbackId();
}

import { type LogTableName, logTables } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import type { BatchOrigin } from "../batch";
import { readJsonEvent } from "../events/json-event";
import { mappedFormat, readMapped } from "../mappings/mapping";
import { splitMessage } from "./message";

/** How the messages of a queue are read. */
export interface QueueOrigins {
  /** Of those that this product wrote, with the names of columns. */
  readonly own: BatchOrigin;
  /** Of producers: the same, unless the queue has a mapping. */
  readonly producers: BatchOrigin;
}

export interface QueuedEvent {
  /** The event's own text. */
  readonly raw: string;
  readonly importId?: number;
  readonly origin: BatchOrigin;
  readonly parsed: { readonly event: unknown } | { readonly error: ErrorValue };
}

/** @param mapping the expression of the queue's mapping */
export function queueOrigins(
  table: LogTableName,
  shared: Pick<BatchOrigin, "receivedAt" | "rules">,
  mapping: string | undefined,
): QueueOrigins {
  const own: BatchOrigin = { ...shared, source: "queue", format: "json" };
  if (mapping === undefined) return { own, producers: own };
  return { own, producers: { ...own, format: mappedFormat(mapping, logTables[table]), mapping } };
}

/** Reads a queued message. */
export function readQueued(table: LogTableName, payload: string, { own, producers }: QueueOrigins): QueuedEvent {
  const { raw, importId, isOwn } = splitMessage(payload);
  const origin = isOwn ? own : producers;
  const { mapping, format } = origin;
  if (mapping === undefined) return { raw, importId, origin, parsed: readJsonEvent(raw) };
  return { raw, importId, origin, parsed: readMapped(raw, logTables[table], { mapping, format, csv_header: null }) };
}

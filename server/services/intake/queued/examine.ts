import { randomUUID } from "node:crypto";
import { type LogTableName, logTables } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import type { BatchOrigin, IncomingEvent, Row } from "../batch";
import { prepareBatch } from "../events/prepare";
import { rowValues } from "../row";
import { currentRules } from "../rules/current-rules";
import { redactOriginal } from "../rules/rule-set";
import { currentQueueMapping } from "./current-mapping";
import { queueOrigins, readQueued } from "./read-queued";

/** What becomes of a queued event. */
export interface ExaminedEvent {
  /** The event's text, with what rules redact removed. */
  readonly text: string;
  /** Its row, by column; undefined for other events. */
  readonly row?: Readonly<Record<string, unknown>>;
  /** Why it becomes a dead letter. */
  readonly error?: ErrorValue;
  /** The rule that drops it. */
  readonly droppedBy?: string;
}

/**
 * Reads queued events like a worker does, and stores nothing.
 * @param mapping the expression of the mapping to read them with; null: none; default that of the queue
 */
export async function examineQueued(
  ctx: Context,
  table: LogTableName,
  payloads: readonly string[],
  mapping?: string | null,
): Promise<ExaminedEvent[]> {
  const rules = await currentRules(ctx, table);
  const expression =
    mapping === undefined ? (await currentQueueMapping(ctx, table)).expression : (mapping ?? undefined);
  const origins = queueOrigins(table, { receivedAt: instantOf(ctx.now()), rules }, expression);
  const errors = new Map<number | null, ErrorValue>();
  const incoming = new Map<BatchOrigin, IncomingEvent[]>();
  const texts: string[] = [];
  for (const [line, payload] of payloads.entries()) {
    const { raw, origin, parsed } = readQueued(table, payload, origins);
    texts.push(raw);
    if ("error" in parsed) errors.set(line, parsed.error);
    else {
      const events = incoming.get(origin) ?? [];
      incoming.set(origin, [...events, { event: parsed.event, raw, fallbackId: randomUUID(), line }]);
    }
  }
  const rows = new Map<number | undefined, Row>();
  const droppedBy = new Map<number | null, string>();
  for (const [origin, events] of incoming) {
    const batch = await prepareBatch(ctx, table, events, origin);
    for (const { line, error } of batch.dead) errors.set(line, error);
    for (const { line, rule } of batch.dropped) droppedBy.set(line, rule);
    for (const [index, row] of batch.rows.entries()) rows.set(batch.events[index]?.line, row);
  }
  const slice = makeTimeSlice();
  const examined: ExaminedEvent[] = [];
  for (const [line, raw] of texts.entries()) {
    const row = rows.get(line);
    examined.push({
      text: await redactOriginal(raw, rules, slice),
      row: row && rowValues(logTables[table], row),
      error: errors.get(line),
      droppedBy: droppedBy.get(line),
    });
  }
  return examined;
}

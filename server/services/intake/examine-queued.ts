import { randomUUID } from "node:crypto";
import type { LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { instantOf } from "@/server/lib/time";
import { makeTimeSlice } from "@/server/lib/time-slice";
import type { Context } from "@/server/process/context";
import type { IncomingEvent } from "./batch";
import { readJsonEvent } from "./events/json-event";
import { prepareBatch } from "./events/prepare";
import { splitImport } from "./queued-import";
import { currentRules } from "./rules/current-rules";
import { redactOriginal } from "./rules/rule-set";

/** What becomes of a queued event. */
export interface ExaminedEvent {
  /** The event's text, with what rules redact removed. */
  readonly text: string;
  /** Why it becomes a dead letter. */
  readonly error?: ErrorValue;
  /** The rule that drops it. */
  readonly droppedBy?: string;
}

/** Reads queued events like a worker does, and stores nothing. */
export async function examineQueued(
  ctx: Context,
  table: LogTableName,
  payloads: readonly string[],
): Promise<ExaminedEvent[]> {
  const rules = await currentRules(ctx, table);
  const origin = { receivedAt: instantOf(ctx.now()), source: "queue", format: "json", rules } as const;
  const errors = new Map<number | null, ErrorValue>();
  const incoming: IncomingEvent[] = [];
  for (const [line, payload] of payloads.entries()) {
    const { raw } = splitImport(payload);
    const parsed = readJsonEvent(raw);
    if ("event" in parsed) incoming.push({ event: parsed.event, raw, fallbackId: randomUUID(), line });
    else errors.set(line, parsed.error);
  }
  const batch = await prepareBatch(ctx, table, incoming, origin);
  for (const { line, error } of batch.dead) errors.set(line, error);
  const droppedBy = new Map(batch.dropped.map(({ line, rule }) => [line, rule]));
  const slice = makeTimeSlice();
  const examined: ExaminedEvent[] = [];
  for (const [line, payload] of payloads.entries()) {
    const text = await redactOriginal(splitImport(payload).raw, rules, slice);
    examined.push({ text, error: errors.get(line), droppedBy: droppedBy.get(line) });
  }
  return examined;
}

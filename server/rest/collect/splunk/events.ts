import { errorValue } from "@/server/catalog/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { type CollectedEvent, readJsonEvent, scanValues } from "@/server/services/intake";
import { type CollectorCall, collectedTable, requireEventCount } from "../collector";
import { HEC, type HecOutcome } from "./answer";

/** Members of an event beside `event`, `time` and `fields`. */
const LABELS = ["host", "source", "sourcetype", "index"] as const;

type Query = CollectorCall["query"];

/** The events of a request, or why it is not accepted and at which event. */
export type HecEvents =
  | { readonly events: readonly CollectedEvent[] }
  | { readonly outcome: HecOutcome; readonly invalidEvent?: number };

/** Reads concatenated JSON objects with the event in `event`. Nothing is stored unless all are valid. */
export async function readEvents(text: string, query: Query): Promise<HecEvents> {
  const { spans, isValid } = await scanValues(text);
  if (spans.count === 0) return { outcome: isValid ? HEC.noData : HEC.invalidFormat, invalidEvent: 0 };
  if (!isValid) return { outcome: HEC.invalidFormat, invalidEvent: spans.count };
  requireEventCount(spans.count);
  const events: CollectedEvent[] = [];
  const slice = makeTimeSlice();
  for (let position = 0; position < spans.count; position++) {
    const pause = slice();
    if (pause) await pause;
    const read = readEvent(spans.textOf(text, position), query);
    if ("code" in read) return { outcome: read, invalidEvent: position };
    events.push(read);
  }
  return { events };
}

function readEvent(text: string, query: Query): CollectedEvent | HecOutcome {
  const parsed = readJsonEvent(text);
  if ("error" in parsed) {
    // One that is too long or too deep is valid, and becomes a dead letter.
    if (parsed.error.code === "event.not_json") return HEC.invalidFormat;
    return { table: collectedTable(query), text, read: () => parsed };
  }
  const envelope = parsed.event;
  if (!isObject(envelope)) return HEC.invalidFormat;
  const { event, time, fields } = envelope;
  if (!Object.hasOwn(envelope, "event")) return HEC.noEvent;
  if (event === null || event === "") return HEC.blankEvent;
  if (fields !== undefined && !isObject(fields)) return HEC.fields;
  const labels = { ...labelsOf(envelope, query), ...fields };
  return {
    table: collectedTable(query, typeof labels.index === "string" ? labels.index : undefined),
    text: identityOf(text, query),
    read: () => documentOf(readJsonEvent(text)),
    labels,
    time: timeOf(time),
  };
}

function documentOf(parsed: ReturnType<typeof readJsonEvent>) {
  if ("error" in parsed || !isObject(parsed.event)) return parsed;
  const { event } = parsed.event;
  if (isObject(event)) return { event };
  try {
    return { event: { message: typeof event === "string" ? event : JSON.stringify(event) } };
  } catch {
    return { error: errorValue("event.too_deep", { field: "event" }) };
  }
}

/** Reads a line of `raw`. */
export function rawEvent(line: string, query: Query): CollectedEvent {
  const labels = labelsOf({}, query);
  return {
    table: collectedTable(query, typeof labels.index === "string" ? labels.index : undefined),
    text: identityOf(line, query),
    read: () => ({ event: { message: line } }),
    labels,
    time: timeOf(query.time),
  };
}

/** Equal events of two hosts are two events, also if the host is a parameter of the request. */
function identityOf(text: string, query: Query): string {
  const labels = labelsOf({}, query);
  return Object.keys(labels).length === 0 ? text : `${JSON.stringify(labels)}\n${text}`;
}

/** The parameters of the request are the defaults of its events. */
function labelsOf(envelope: Readonly<Record<string, unknown>>, query: Query): Record<string, unknown> {
  return Object.fromEntries(
    LABELS.flatMap((name) => {
      const value = envelope[name] ?? query[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}

function timeOf(time: unknown): string | number | undefined {
  if (typeof time === "number") return time;
  if (typeof time !== "string" || time.trim() === "") return undefined;
  return /^\d+(?:\.\d+)?$/.test(time.trim()) ? Number(time) : time;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

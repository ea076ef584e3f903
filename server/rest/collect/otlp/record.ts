import { type CollectedEvent, readJsonEvent, tooLongError } from "@/server/services/intake";
import { type CollectorCall, collectedTable } from "../collector";
import { isObject } from "../plain-json";

/** What the records of a resource and scope have in common. */
export interface OtlpScope {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope?: string;
}

/** A log record of OTLP. Its values are those of JSON. */
export interface OtlpRecord extends OtlpScope {
  /** Nanoseconds since 1970, as text; "0" if unknown. */
  readonly time: string;
  readonly observed: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The record is too large to be read, and the values are a part of it. */
  readonly isTooLong?: boolean;
}

/**
 * The event of a record. Its attributes, and the members of a structured body, are members of the document; a body of
 * text is its line. The rest is stored in `extra.otel`. The name of the service may choose the table.
 */
export function eventOf(record: OtlpRecord, query: CollectorCall["query"]): CollectedEvent {
  const { time, observed, body, attributes, resource } = record;
  const document = JSON.stringify({ ...bodyMembers(body), ...attributes });
  const otel = compact({
    resource,
    scope: record.scope,
    severity: record.severityText || record.severityNumber,
    event_name: record.eventName,
    trace_id: record.traceId,
    span_id: record.spanId,
  });
  const service = resource["service.name"];
  const at = time === "0" ? observed : time;
  return {
    table: collectedTable(query, typeof service === "string" ? service : undefined),
    // The observed time may be that of an attempt to send it.
    text: JSON.stringify([time, document, otel]),
    read: () => (record.isTooLong ? { error: tooLongError() } : readJsonEvent(document)),
    time: at === "0" ? undefined : at,
    labels: Object.keys(otel).length === 0 ? undefined : { otel },
  };
}

function bodyMembers(body: unknown): Record<string, unknown> {
  if (isObject(body)) return body;
  if (body === undefined || body === null || body === "") return {};
  return { message: typeof body === "string" ? body : JSON.stringify(body) };
}

/** Without empty members. */
function compact(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) =>
        value !== undefined && value !== "" && value !== 0 && !(isObject(value) && Object.keys(value).length === 0),
    ),
  );
}

import { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { isObject, objectOf, objectsIn } from "../plain-json";
import type { OtlpRecord } from "./record";

/** Of one record; an event has at most 256 KB. Beyond them, its values are not read. */
const MAX_VALUES = 50_000;

/** Counts the values of a record. */
interface Budget {
  left: number;
}

/** More than any exporter sends in a request. */
export const MAX_RECORDS = 100_000;

/**
 * Reads an ExportLogsServiceRequest in OTLP's JSON.
 * @throws AppError BAD_REQUEST; nothing is stored then
 */
export async function readJsonLogs(document: unknown): Promise<OtlpRecord[]> {
  const records: OtlpRecord[] = [];
  const slice = makeTimeSlice();
  if (!isObject(document)) throw new AppError("collect.not_request", {});
  for (const group of objectsIn(document.resourceLogs)) {
    const resource = attributesOf(objectOf(group.resource).attributes, { left: MAX_VALUES });
    for (const { scope, logRecords } of objectsIn(group.scopeLogs)) {
      const name = textOf(objectOf(scope).name);
      for (const record of objectsIn(logRecords)) {
        const pause = slice();
        if (pause) await pause;
        if (records.length >= MAX_RECORDS) throw new AppError("collect.too_many", { max: MAX_RECORDS });
        records.push({ resource, scope: name, ...readRecord(record) });
      }
    }
  }
  return records;
}

function readRecord(record: Record<string, unknown>): Omit<OtlpRecord, "resource" | "scope"> {
  const budget = { left: MAX_VALUES };
  const body = anyValue(record.body, budget);
  const attributes = attributesOf(record.attributes, budget);
  return {
    time: nanosOf(record.timeUnixNano),
    observed: nanosOf(record.observedTimeUnixNano),
    severityNumber: typeof record.severityNumber === "number" ? record.severityNumber : 0,
    severityText: textOf(record.severityText),
    eventName: textOf(record.eventName),
    traceId: textOf(record.traceId).toLowerCase(),
    spanId: textOf(record.spanId).toLowerCase(),
    body,
    attributes,
    isTooLong: budget.left < 0,
  };
}

function attributesOf(list: unknown, budget: Budget): Record<string, unknown> {
  return Object.fromEntries(within(list, budget).map(({ key, value }) => [textOf(key), anyValue(value, budget)]));
}

/** The objects of a list that the budget allows. */
function within(list: unknown, budget: Budget): Record<string, unknown>[] {
  const all = Array.isArray(list) ? list.slice(0, Math.max(0, budget.left)) : list;
  budget.left -= Array.isArray(list) ? list.length : 0;
  return objectsIn(all);
}

/** The value of an AnyValue, of which one member is set. */
function anyValue(any: unknown, budget: Budget): unknown {
  const value = objectOf(any);
  if (typeof value.stringValue === "string") return value.stringValue;
  if (typeof value.boolValue === "boolean") return value.boolValue;
  if (value.intValue !== undefined && value.intValue !== null) return integerOf(value.intValue);
  if (value.doubleValue !== undefined && value.doubleValue !== null) return value.doubleValue;
  if (isObject(value.arrayValue)) return within(value.arrayValue.values, budget).map((item) => anyValue(item, budget));
  if (isObject(value.kvlistValue)) return attributesOf(value.kvlistValue.values, budget);
  if (typeof value.bytesValue === "string") return value.bytesValue;
  return null;
}

/** A number, or text beyond JavaScript's precision. */
export function integerOf(value: unknown): number | string {
  const number = Number(value);
  if ((typeof value !== "string" && typeof value !== "number") || !Number.isInteger(number)) {
    throw new AppError("collect.not_request", {});
  }
  return Number.isSafeInteger(number) ? number : String(value);
}

function nanosOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return "0";
  if ((typeof value !== "string" && typeof value !== "number") || !/^\d{1,20}$/.test(String(value))) {
    throw new AppError("collect.not_request", {});
  }
  return String(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

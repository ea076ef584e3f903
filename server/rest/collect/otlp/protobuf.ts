import { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { type BinaryReader, decodeProtobuf, messagesOf, readMessage, WireType } from "../wire";
import { integerOf, MAX_RECORDS } from "./json";
import type { OtlpRecord } from "./record";

const MAX_DEPTH = 50;
/** Larger records are not decoded. An event has at most 256 KB. */
const MAX_RECORD_BYTES = 512 * 1024;
const BEGINNING_BYTES = 64 * 1024;

/**
 * Reads an ExportLogsServiceRequest in Protobuf, as in opentelemetry/proto/logs/v1/logs.proto.
 * @throws AppError BAD_REQUEST; nothing is stored then
 */
export async function readProtobufLogs(bytes: Uint8Array): Promise<OtlpRecord[]> {
  const records: OtlpRecord[] = [];
  const slice = makeTimeSlice();
  for (const group of decodeProtobuf(() => messagesOf(bytes, 1))) {
    const resource = decodeProtobuf(() => attributesIn(messagesOf(group, 1), 1));
    for (const scoped of decodeProtobuf(() => messagesOf(group, 2))) {
      const scope = decodeProtobuf(() => nameOf(messagesOf(scoped, 1)));
      for (const record of decodeProtobuf(() => messagesOf(scoped, 2))) {
        const pause = slice();
        if (pause) await pause;
        if (records.length >= MAX_RECORDS) throw new AppError("collect.too_many", { max: MAX_RECORDS });
        records.push({ resource, scope, ...decodeProtobuf(() => readRecord(record)) });
      }
    }
  }
  return records;
}

function readRecord(bytes: Uint8Array): Omit<OtlpRecord, "resource" | "scope"> {
  const record = {
    time: "0",
    observed: "0",
    severityNumber: 0,
    severityText: "",
    eventName: "",
    traceId: "",
    spanId: "",
    body: undefined as unknown,
    attributes: {} as Record<string, unknown>,
  };
  if (bytes.length > MAX_RECORD_BYTES) {
    const beginning = Buffer.from(bytes.subarray(0, BEGINNING_BYTES)).toString("utf8");
    return { ...record, body: beginning, isTooLong: true };
  }
  readMessage(bytes, (field, type, reader) => {
    switch (`${field} ${type}`) {
      case `1 ${WireType.Bit64}`:
        record.time = String(reader.fixed64());
        return true;
      case `11 ${WireType.Bit64}`:
        record.observed = String(reader.fixed64());
        return true;
      case `2 ${WireType.Varint}`:
        record.severityNumber = reader.int32();
        return true;
      case `3 ${WireType.LengthDelimited}`:
        record.severityText = reader.string();
        return true;
      case `5 ${WireType.LengthDelimited}`:
        record.body = readValue(reader.bytes(), 0);
        return true;
      case `6 ${WireType.LengthDelimited}`:
        addPair(record.attributes, reader.bytes(), 0);
        return true;
      case `9 ${WireType.LengthDelimited}`:
        record.traceId = Buffer.from(reader.bytes()).toString("hex");
        return true;
      case `10 ${WireType.LengthDelimited}`:
        record.spanId = Buffer.from(reader.bytes()).toString("hex");
        return true;
      case `12 ${WireType.LengthDelimited}`:
        record.eventName = reader.string();
        return true;
      default:
        return false;
    }
  });
  return record;
}

/** The attributes in the field `wanted` of a message, which may be sent in parts. */
function attributesIn(parts: readonly Uint8Array[], wanted: number): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const part of parts) for (const pair of messagesOf(part, wanted)) addPair(attributes, pair, 0);
  return attributes;
}

function nameOf(parts: readonly Uint8Array[]): string {
  let name = "";
  for (const part of parts) {
    readMessage(part, (field, type, reader) => {
      if (field !== 1 || type !== WireType.LengthDelimited) return false;
      name = reader.string();
      return true;
    });
  }
  return name;
}

function addPair(members: Record<string, unknown>, bytes: Uint8Array, depth: number): void {
  let key = "";
  let value: unknown = null;
  readMessage(bytes, (field, type, reader) => {
    if (type !== WireType.LengthDelimited) return false;
    if (field === 1) key = reader.string();
    else if (field === 2) value = readValue(reader.bytes(), depth);
    else return false;
    return true;
  });
  Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The value of an AnyValue. */
function readValue(bytes: Uint8Array, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new AppError("collect.too_deep", {});
  let value: unknown = null;
  readMessage(bytes, (field, type, reader) => {
    const read = type === WireType.LengthDelimited ? readNested(field, reader, depth) : readScalar(field, type, reader);
    if (read === undefined) return false;
    value = read;
    return true;
  });
  return value;
}

function readScalar(field: number, type: WireType, reader: BinaryReader): unknown {
  if (field === 2 && type === WireType.Varint) return reader.bool();
  if (field === 3 && type === WireType.Varint) return integerOf(String(reader.int64()));
  if (field === 4 && type === WireType.Bit64) {
    const number = reader.double();
    // As in OTLP's JSON.
    return Number.isFinite(number) ? number : String(number);
  }
  return undefined;
}

function readNested(field: number, reader: BinaryReader, depth: number): unknown {
  if (field === 1) return reader.string();
  if (field === 7) return Buffer.from(reader.bytes()).toString("base64");
  if (field === 5) return messagesOf(reader.bytes(), 1).map((value) => readValue(value, depth + 1));
  if (field !== 6) return undefined;
  const members: Record<string, unknown> = {};
  for (const pair of messagesOf(reader.bytes(), 1)) addPair(members, pair, depth + 1);
  return members;
}

import { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { isObject, objectOf, objectsIn } from "../plain-json";
import { decodeProtobuf, messagesOf, readMessage, WireType } from "../wire";
import { parseLabels } from "./labels";

/** More than any client sends in a request. */
const MAX_ENTRIES = 100_000;

/** Of a stream or line; Loki itself accepts 15 labels. */
const MAX_LABELS = 1_000;
const MAX_LABELS_TEXT = 64 * 1024;
const tooManyLabels = () =>
  new AppError("collect.loki_label_limit", { max: MAX_LABELS, kilobytes: MAX_LABELS_TEXT / 1024 });

/** A line of a stream. */
export interface LokiEntry {
  /** Those of the stream, and the structured metadata of the line. */
  readonly labels: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly time: string;
  readonly line: string;
}

/**
 * Reads a push request in JSON: `{"streams":[{"stream":{…},"values":[["NANOSECONDS","line",{metadata}],…]}]}`.
 * @throws AppError BAD_REQUEST; nothing is stored then
 */
export async function readJsonPush(document: unknown): Promise<LokiEntry[]> {
  const entries: LokiEntry[] = [];
  const slice = makeTimeSlice();
  if (!isObject(document) || !Array.isArray(document.streams)) throw new AppError("collect.not_request", {});
  for (const { stream, values } of objectsIn(document.streams)) {
    const labels = textsOf(objectOf(stream));
    if (values !== undefined && !Array.isArray(values)) throw new AppError("collect.not_request", {});
    for (const value of values ?? []) {
      const pause = slice();
      if (pause) await pause;
      add(entries, readValue(value, labels));
    }
  }
  return entries;
}

function readValue(value: unknown, labels: Record<string, string>): LokiEntry {
  if (!Array.isArray(value)) throw new AppError("collect.not_request", {});
  const [time, line, metadata]: unknown[] = value;
  const isTime = (typeof time === "string" && /^-?\d{1,19}$/.test(time)) || typeof time === "number";
  if (!isTime || typeof line !== "string") throw new AppError("collect.not_request", {});
  return { labels: { ...labels, ...textsOf(objectOf(metadata)) }, time: String(time), line };
}

function textsOf(members: Record<string, unknown>): Record<string, string> {
  if (Object.keys(members).length > MAX_LABELS) throw tooManyLabels();
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/**
 * Reads a push request in Protobuf, as in Loki's pkg/push/push.proto.
 * @throws AppError BAD_REQUEST; nothing is stored then
 */
export async function readProtobufPush(bytes: Uint8Array): Promise<LokiEntry[]> {
  const entries: LokiEntry[] = [];
  const slice = makeTimeSlice();
  for (const stream of decodeProtobuf(() => messagesOf(bytes, 1))) {
    const { labels, encoded } = decodeProtobuf(() => readStream(stream));
    for (const entry of encoded) {
      const pause = slice();
      if (pause) await pause;
      add(
        entries,
        decodeProtobuf(() => readEntry(entry, labels)),
      );
    }
  }
  return entries;
}

function add(entries: LokiEntry[], entry: LokiEntry): void {
  if (entries.length >= MAX_ENTRIES) throw new AppError("collect.too_many", { max: MAX_ENTRIES });
  entries.push(entry);
}

function readStream(bytes: Uint8Array): { labels: Record<string, string>; encoded: Uint8Array[] } {
  let labels: string | undefined;
  const encoded: Uint8Array[] = [];
  readMessage(bytes, (field, type, reader) => {
    if (type !== WireType.LengthDelimited) return false;
    if (field === 1) labels = reader.string();
    else if (field === 2) encoded.push(reader.bytes());
    else return false;
    return true;
  });
  if (labels !== undefined && labels.length > MAX_LABELS_TEXT) throw tooManyLabels();
  return { labels: parseLabels(labels ?? "{}"), encoded };
}

function readEntry(bytes: Uint8Array, streamLabels: Record<string, string>): LokiEntry {
  const labels = { ...streamLabels };
  let time = "0";
  let line = "";
  let count = 0;
  readMessage(bytes, (field, type, reader) => {
    if (type !== WireType.LengthDelimited) return false;
    if (field === 1) time = readTimestamp(reader.bytes());
    else if (field === 2) line = reader.string();
    else if (field === 3 && ++count <= MAX_LABELS) Object.assign(labels, readPair(reader.bytes()));
    else if (field === 3) throw tooManyLabels();
    else return false;
    return true;
  });
  return { labels, time, line };
}

/** The nanoseconds of a google.protobuf.Timestamp. */
function readTimestamp(bytes: Uint8Array): string {
  let seconds = 0n;
  let nanos = 0;
  readMessage(bytes, (field, type, reader) => {
    if (type !== WireType.Varint) return false;
    if (field === 1) seconds = BigInt(reader.int64());
    else if (field === 2) nanos = reader.int32();
    else return false;
    return true;
  });
  return String(seconds * 1_000_000_000n + BigInt(nanos));
}

function readPair(bytes: Uint8Array): Record<string, string> {
  let name = "";
  let value = "";
  readMessage(bytes, (field, type, reader) => {
    if (type !== WireType.LengthDelimited) return false;
    if (field === 1) name = reader.string();
    else if (field === 2) value = reader.string();
    else return false;
    return true;
  });
  return { [name]: value };
}

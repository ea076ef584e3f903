import { isUtf8 } from "node:buffer";
import { AppError, fieldError } from "@/server/lib/errors";
import { parseJson } from "@/server/lib/json";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { beginningOf, isTooLong, MAX_EVENT_BYTES } from "../events/event-limit";
import { readJsonEvent } from "../events/json-event";
import { findElements, type JsonSpans, notJson, scanElements } from "./json-elements";
import { type IntakeRecord, tooLongRecord } from "./record";

/** A document is read into memory; larger data must be sent as lines. */
export const MAX_DOCUMENT_BYTES = 10 * 1024 * 1024;
/** Characters of elements that are parsed before yielding. */
const BLOCK_LENGTH = 64 * 1024;
/** CloudTrail's files have `Records`. */
const ITEMS = /^\s*\{\s*"(?:items|Records)"\s*:\s*\[/;

/**
 * Reads the events of a JSON document: an array, `{"items": […]}` or one object. `line` is the position, from 1. No
 * event is returned before the whole document is known to be valid; elements are parsed separately, so that no document
 * blocks the event loop.
 * @throws AppError TOO_LARGE, BAD_REQUEST for invalid JSON, UNPROCESSABLE when it contains no events
 */
export async function* readJsonDocument(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<IntakeRecord[]> {
  const text = await readAll(chunks);
  const opening = openingBracket(text);
  if (opening !== -1) {
    const { spans, end } = await findElements(text, opening);
    requireEnd(text, text[text.search(/\S/)] === "{", end);
    await requireJson(text, spans);
    yield* recordsOf(text, spans);
  } else if (isTooLong(text) && text.trimStart().startsWith("{")) {
    yield [tooLongRecord(beginningOf(text.trim()), 1)];
  } else {
    const document = parse(text);
    if (typeof document !== "object" || document === null) {
      throw new AppError("intake.document_shape", {});
    }
    if ("items" in document && Array.isArray(document.items)) throw otherFieldsError(Object.keys(document));
    yield [{ text: text.trim(), line: 1, event: document }];
  }
}

/** Reads the first events of a truncated JSON document. */
export async function readFirstElements(beginning: string, maxElements: number): Promise<IntakeRecord[]> {
  const text = beginning.startsWith("\uFEFF") ? beginning.slice(1) : beginning;
  const opening = openingBracket(text);
  if (opening === -1) return [];
  const { spans } = await scanElements(text, opening);
  return Array.from({ length: Math.min(maxElements, spans.count) }, (_, index) =>
    recordOf(spans.textOf(text, index), index + 1),
  );
}

/** The position at which the array of events opens; -1 if the document is not such an array. */
function openingBracket(text: string): number {
  const first = text.search(/\S/);
  if (text[first] === "[") return first;
  const items = ITEMS.exec(text);
  return items ? items[0].length - 1 : -1;
}

/** Requires that after the events the document ends, or the object whose only field they are. */
function requireEnd(text: string, isObject: boolean, end: number): void {
  const rest = text.slice(end, end + MAX_EVENT_BYTES).trim();
  if (isObject ? rest === "}" : rest === "") return;
  const next = isObject ? /^,\s*("(?:[^"\\]|\\.)*")\s*:/.exec(rest)?.[1] : undefined;
  if (next === undefined) throw notJson();
  throw otherFieldsError(["items", String(parse(next))]);
}

function otherFieldsError(keys: readonly string[]): AppError {
  const unknown = keys.filter((key) => key !== "items");
  if (unknown.length === 0) {
    return new AppError("intake.items_repeated", {}, { errors: [fieldError("items", "input.repeated", {})] });
  }
  return new AppError(
    "intake.items_not_alone",
    { name: JSON.stringify(unknown[0]) },
    { errors: unknown.map((path) => fieldError(path, "input.unknown_field", {})) },
  );
}

/** @throws AppError BAD_REQUEST for an element that is not JSON; elements over the limit are not parsed */
async function requireJson(text: string, spans: JsonSpans): Promise<void> {
  const slice = makeTimeSlice();
  for (let index = 0; index < spans.count; index++) {
    const element = spans.textOf(text, index);
    if (!isTooLong(element)) {
      try {
        JSON.parse(element);
      } catch (error) {
        // JSON that exceeds the stack depth is still JSON.
        if (error instanceof SyntaxError) throw notJson(error);
      }
    }
    const pause = slice();
    if (pause) await pause;
  }
}

function* recordsOf(text: string, spans: JsonSpans): Generator<IntakeRecord[]> {
  let block: IntakeRecord[] = [];
  let length = 0;
  for (let index = 0; index < spans.count; index++) {
    const element = spans.textOf(text, index);
    const line = index + 1;
    block.push(isTooLong(element) ? tooLongRecord(beginningOf(element), line) : recordOf(element, line));
    length += element.length + 1;
    if (length < BLOCK_LENGTH) continue;
    yield block;
    block = [];
    length = 0;
  }
  if (block.length > 0) yield block;
}

function recordOf(text: string, line: number): IntakeRecord {
  return { text, line, ...readJsonEvent(text) };
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > MAX_DOCUMENT_BYTES) {
      throw new AppError("intake.document_too_long", { max: MAX_DOCUMENT_BYTES / 1024 / 1024 });
    }
    parts.push(chunk);
  }
  const bytes = Buffer.concat(parts);
  if (!isUtf8(bytes)) {
    throw new AppError("intake.document_not_utf8", {});
  }
  const text = bytes.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw notJson(error);
  }
}

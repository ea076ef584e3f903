import { AppError } from "@/server/errors";
import { parseJson } from "@/server/json";
import type { IntakeRecord } from "./record";

/** A document is parsed whole; what is larger comes as lines. */
export const MAX_DOCUMENT_BYTES = 10 * 1024 * 1024;

/**
 * The events of a JSON document: an array, `{"items": […]}` or one object. `line` is the position, from 1.
 * @throws AppError TOO_LARGE, BAD_REQUEST when it is not JSON, UNPROCESSABLE when it holds no events
 */
export async function* readJsonDocument(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<IntakeRecord[]> {
  const text = await readAll(chunks);
  const document = parse(text);
  if (typeof document !== "object" || document === null) {
    throw new AppError("UNPROCESSABLE", 'Send an array of events, {"items": […]} or one event as an object.');
  }
  const items = itemsOf(document);
  if (items === undefined) {
    yield [{ text: text.trim(), line: 1, event: document }];
    return;
  }
  const texts = elementTexts(text, text.indexOf("["));
  if (texts.length !== items.length) {
    throw new AppError("UNPROCESSABLE", 'The document has more than one "items".', {
      errors: [{ path: "items", message: "given more than once" }],
    });
  }
  if (items.length > 0) yield items.map((event, index) => ({ text: texts[index] ?? "", line: index + 1, event }));
}

function itemsOf(document: object): unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (!("items" in document) || !Array.isArray(document.items)) return undefined;
  const unknown = Object.keys(document).filter((key) => key !== "items");
  if (unknown.length > 0) {
    throw new AppError("UNPROCESSABLE", `Beside "items" there is ${JSON.stringify(unknown[0])}, which is not known.`, {
      errors: unknown.map((path) => ({ path, message: "not known here" })),
    });
  }
  return document.items;
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.byteLength;
    if (size > MAX_DOCUMENT_BYTES) {
      throw new AppError(
        "TOO_LARGE",
        `A JSON document may have at most ${MAX_DOCUMENT_BYTES / 1024 / 1024} MB. Send more as lines: one JSON object a line (NDJSON) has no limit.`,
      );
    }
    parts.push(chunk);
  }
  const text = Buffer.concat(parts).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new AppError("BAD_REQUEST", "The document is not valid JSON.", { cause: error });
  }
}

/** The elements' own texts of the array that opens at `start`, in JSON known to be valid. */
function elementTexts(text: string, start: number): string[] {
  const elements: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x22) at = stringEnd(text, at);
    else if (character === 0x5b || character === 0x7b) depth++;
    else if (character === 0x5d || character === 0x7d) {
      depth--;
      if (depth > 0) continue;
      const last = text.slice(from, at).trim();
      if (last !== "") elements.push(last);
      return elements;
    } else if (character === 0x2c && depth === 1) {
      elements.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return elements;
}

/** Where the string that opens at `start` closes. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === 0x5c) at++;
    else if (character === 0x22) return at;
  }
  return text.length;
}

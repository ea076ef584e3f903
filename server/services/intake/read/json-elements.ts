import { AppError } from "@/server/lib/errors";
import { makeTimeSlice } from "@/server/lib/time-slice";

/** Characters scanned between two checks of the clock. */
const STEP = 256 * 1024;

/** The positions of an array's elements in a text. */
export interface JsonSpans {
  readonly count: number;
  textOf(text: string, index: number): string;
}

export function notJson(cause?: unknown): AppError {
  return new AppError("intake.document_invalid", {}, { cause });
}

/**
 * Finds the elements of the array that opens at `start`, and the position after it.
 * @throws AppError BAD_REQUEST when the array is not closed
 */
export async function findElements(text: string, start: number): Promise<{ spans: JsonSpans; end: number }> {
  const found = await scanElements(text, start);
  if (found.end === undefined) throw notJson();
  return { spans: found.spans, end: found.end };
}

/** Like findElements, for a text that may be truncated: returns the complete elements, and no end if there is none. */
export async function scanElements(text: string, start: number): Promise<{ spans: JsonSpans; end?: number }> {
  const slice = makeTimeSlice();
  const places = makePositions();
  let depth = 0;
  let from = start + 1;
  let step = start + STEP;
  for (let at = start; at < text.length; at++) {
    if (at >= step) {
      step = at + STEP;
      const pause = slice();
      if (pause) await pause;
    }
    const character = text.charCodeAt(at);
    if (character === 0x22) at = stringEnd(text, at);
    else if (character === 0x5b || character === 0x7b) depth++;
    else if (character === 0x5d || character === 0x7d) {
      depth--;
      if (depth > 0) continue;
      // `[ ]` has no element, `[1, ]` has an empty one, which is invalid.
      if (places.count() > 0 || text.slice(from, at).trim() !== "") places.add(from, at);
      return { spans: places.spans(), end: at + 1 };
    } else if (character === 0x2c && depth === 1) {
      places.add(from, at);
      from = at + 1;
    }
  }
  return { spans: places.spans() };
}

/**
 * Finds the objects of a text that contains one after another, with white space between them.
 * @returns the complete objects, and whether the text contains nothing else
 */
export async function scanValues(text: string): Promise<{ spans: JsonSpans; isValid: boolean }> {
  const slice = makeTimeSlice();
  const places = makePositions();
  let depth = 0;
  let from = 0;
  let step = STEP;
  for (let at = 0; at < text.length; at++) {
    if (at >= step) {
      step = at + STEP;
      const pause = slice();
      if (pause) await pause;
    }
    const character = text.charCodeAt(at);
    if (character === 0x7b && depth++ === 0) from = at;
    else if (depth === 0 && !isSpace(character)) return { spans: places.spans(), isValid: false };
    else if (character === 0x22) at = stringEnd(text, at);
    else if (character === 0x7d && --depth === 0) places.add(from, at + 1);
  }
  return { spans: places.spans(), isValid: depth === 0 };
}

function isSpace(character: number): boolean {
  return character === 0x20 || (character >= 0x09 && character <= 0x0d) || character === 0xfeff;
}

/** The position at which the string that opens at `start` closes. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return quote;
  }
  return text.length;
}

/** Pairs of positions; an array of ten megabytes has up to five million elements. */
function makePositions() {
  let places = new Uint32Array(1_024);
  let used = 0;
  return {
    count: () => used / 2,
    add(from: number, to: number) {
      if (used === places.length) {
        const more = new Uint32Array(used * 2);
        more.set(places);
        places = more;
      }
      places[used++] = from;
      places[used++] = to;
    },
    spans: (): JsonSpans => ({
      count: used / 2,
      textOf: (text, index) => text.slice(places[index * 2], places[index * 2 + 1]).trim(),
    }),
  };
}

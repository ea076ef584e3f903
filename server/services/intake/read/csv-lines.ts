import { problemText } from "@/server/catalog/event-problem";
import { closingQuote } from "@/server/catalog/formats/csv-cells";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { beginningOf, isTooLong, MAX_EVENT_BYTES } from "../events/event-limit";
import { type Line, withoutCarriageReturn } from "./lines";
import { type IntakeRecord, tooLongRecord, unreadableLine } from "./record";

/** How far a quote may stay open. */
interface QuoteLimits {
  /** Characters. */
  readonly length: number;
  /** Bounds the memory: short lines take many times their length. */
  readonly lines: number;
}

const QUOTE_LIMITS: QuoteLimits = { length: 4 * MAX_EVENT_BYTES, lines: 5_000 };

/** Lines that are grouped between two looks at the clock. */
const LINES_AT_ONCE = 500;

/** Dropped lines that are let go of at once. */
const DROPPED_AT_ONCE = 1_024;

/**
 * Groups physical lines into CSV records, whose quoted cells may go over several lines. A quote that is not
 * closed within `limits` costs its own line alone: that is a record with an error, and reading goes on with the
 * line after it. Blank lines are left out. Each line is scanned at most twice, whatever the text.
 */
export async function* groupCsvLines(
  blocks: AsyncIterable<Line[]>,
  delimiter: string,
  limits = QUOTE_LIMITS,
): AsyncGenerator<IntakeRecord[]> {
  const grouper = makeGrouper(delimiter, limits);
  const slice = makeTimeSlice();
  for await (const lines of blocks) {
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      yield grouper.take(lines.slice(at, at + LINES_AT_ONCE));
      const pause = slice();
      if (pause) await pause;
    }
  }
  yield grouper.end();
}

function makeGrouper(delimiter: string, limits: QuoteLimits) {
  let records: IntakeRecord[] = [];
  /** From `first` on: the line that opens a quote, then those that begin and end within it. */
  let open: Line[] = [];
  let first = 0;
  let openLength = 0;

  const isOpen = () => first < open.length;
  const keep = (line: Line) => {
    open.push(line);
    openLength += line.text.length + 1;
  };
  const close = () => {
    records.push(recordOf(open.slice(first)));
    open = [];
    first = 0;
    openLength = 0;
  };
  const dropFirst = (line: Line) => {
    openLength -= line.text.length + 1;
    first++;
    if (first >= DROPPED_AT_ONCE && first * 2 >= open.length) {
      open = open.slice(first);
      first = 0;
    }
  };
  /**
   * The lines behind the stray quote are read as lines of their own, up to one that opens a quote again. What
   * follows that one is known to lie within its quote, as it lay within the stray one: it is not scanned again.
   */
  const giveUpQuote = () => {
    const stray = open[first];
    if (!stray) return;
    records.push({ ...recordOf([stray]), error: problemText("row", "unclosed_quote") });
    dropFirst(stray);
    for (let line = open[first]; line && !opensQuote(line, delimiter); line = open[first]) {
      takeWhole(line);
      dropFirst(line);
    }
  };
  const takeWhole = (line: Line) => {
    if (line.text.trim() !== "") records.push(recordOf([line]));
  };
  const takeLine = (line: Line) => {
    if (line.isCut) {
      while (isOpen()) giveUpQuote();
      records.push(unreadableLine(line));
    } else if (isOpen()) {
      keep(line);
      if (!endsInQuotes(withoutCarriageReturn(line.text), true, delimiter)) close();
    } else if (opensQuote(line, delimiter)) keep(line);
    else takeWhole(line);
    while (openLength > limits.length || open.length - first > limits.lines) giveUpQuote();
  };
  const taken = () => {
    const all = records;
    records = [];
    return all;
  };
  return {
    take(lines: readonly Line[]) {
      for (const line of lines) takeLine(line);
      return taken();
    },
    end() {
      while (isOpen()) giveUpQuote();
      return taken();
    },
  };
}

function opensQuote(line: Line, delimiter: string): boolean {
  return endsInQuotes(withoutCarriageReturn(line.text), false, delimiter);
}

/** The record of one or more physical lines, as it came but for the last line's end. */
function recordOf(lines: readonly Line[]): IntakeRecord {
  const text = withoutCarriageReturn(lines.map((line) => line.text).join("\n"));
  const line = lines[0]?.number ?? 0;
  if (isTooLong(text)) return tooLongRecord(beginningOf(text), line);
  const record = { text, line };
  return lines.some((line) => line.hasStrayBytes) ? { ...record, error: problemText("row", "not_utf8") } : record;
}

/** Whether a line leaves a quoted cell open, as parseCsvCells reads it. */
function endsInQuotes(line: string, startsInQuotes: boolean, delimiter: string): boolean {
  let at = startsInQuotes ? 0 : afterOpeningQuote(line, 0, delimiter);
  while (at !== -1) {
    const closing = closingQuote(line, at, delimiter);
    if (closing === undefined) return true;
    if (closing.end >= line.length) return false;
    at = afterOpeningQuote(line, closing.end + 1, delimiter);
  }
  return false;
}

/** Behind the first quote that opens a cell, looking from the start of a cell; -1 when none does. */
function afterOpeningQuote(line: string, cellStart: number, delimiter: string): number {
  if (line[cellStart] === '"') return cellStart + 1;
  const found = line.indexOf(`${delimiter}"`, cellStart);
  return found === -1 ? -1 : found + 2;
}

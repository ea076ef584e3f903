import { errorValue } from "@/server/catalog/errors";
import { closingQuote } from "@/server/catalog/formats/csv-cells";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { beginningOf, isTooLong, MAX_EVENT_BYTES } from "../events/event-limit";
import { type Line, withoutCarriageReturn } from "./lines";
import { type IntakeRecord, tooLongRecord, unreadableLine } from "./record";

/** Limits of a record with an open quote. */
interface QuoteLimits {
  /** Characters. */
  readonly length: number;
  /** Bounds memory: short lines need many times their length. */
  readonly lines: number;
}

const QUOTE_LIMITS: QuoteLimits = { length: 4 * MAX_EVENT_BYTES, lines: 5_000 };

/** Lines that are grouped before yielding. */
const LINES_AT_ONCE = 500;

/** Processed lines that are released at once. */
const DROPPED_AT_ONCE = 1_024;

/**
 * Groups physical lines into CSV records, whose quoted cells can span several lines. A quote that is not closed within
 * `limits` invalidates only its own line: that line is a record with an error, and parsing continues with the next one.
 * Blank lines are skipped. Each line is scanned at most twice, for any input.
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
  /** From `first` on: the line that opens a quote, then the lines inside it. */
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
   * Lines after a stray quote are parsed separately, up to a line that opens a quote again. The lines after that one
   * are known to be inside its quote, as they were inside the stray one, and are not scanned again.
   */
  const abandonQuote = () => {
    const stray = open[first];
    if (!stray) return;
    records.push({ ...recordOf([stray]), error: errorValue("event.unclosed_quote", { field: "row" }) });
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
      while (isOpen()) abandonQuote();
      records.push(unreadableLine(line));
    } else if (isOpen()) {
      keep(line);
      if (!endsInQuotes(withoutCarriageReturn(line.text), true, delimiter)) close();
    } else if (opensQuote(line, delimiter)) keep(line);
    else takeWhole(line);
    while (openLength > limits.length || open.length - first > limits.lines) abandonQuote();
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
      while (isOpen()) abandonQuote();
      return taken();
    },
  };
}

function opensQuote(line: Line, delimiter: string): boolean {
  return endsInQuotes(withoutCarriageReturn(line.text), false, delimiter);
}

/** A record of one or more physical lines, without the final line break. */
function recordOf(lines: readonly Line[]): IntakeRecord {
  const text = withoutCarriageReturn(lines.map((line) => line.text).join("\n"));
  const line = lines[0]?.number ?? 0;
  if (isTooLong(text)) return tooLongRecord(beginningOf(text), line);
  const record = { text, line };
  return lines.some((line) => line.hasStrayBytes)
    ? { ...record, error: errorValue("event.not_utf8", { field: "row" }) }
    : record;
}

/** Whether a line leaves a quoted cell open, as parseCsvCells parses it. */
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

/** The position after the first quote that opens a cell, starting at a cell boundary; -1 if none. */
function afterOpeningQuote(line: string, cellStart: number, delimiter: string): number {
  if (line[cellStart] === '"') return cellStart + 1;
  const found = line.indexOf(`${delimiter}"`, cellStart);
  return found === -1 ? -1 : found + 2;
}

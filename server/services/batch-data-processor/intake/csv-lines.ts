import { type Line, MAX_LINE_BYTES, withoutCarriageReturn } from "./lines";
import { type IntakeRecord, longLine } from "./record";

/**
 * Groups physical lines into CSV records, whose quoted cells may go over several lines. A quote that is not
 * closed within `maxLength` characters costs its own line alone: that is a record with an error, and reading
 * goes on with the line after it. Blank lines are left out.
 */
export async function* groupCsvLines(
  blocks: AsyncIterable<Line[]>,
  maxLength = MAX_LINE_BYTES,
): AsyncGenerator<IntakeRecord[]> {
  const grouper = makeGrouper(maxLength);
  for await (const lines of blocks) yield grouper.take(lines);
  yield grouper.end();
}

function makeGrouper(maxLength: number) {
  let open: Line[] = [];
  let openLength = 0;
  let records: IntakeRecord[] = [];
  /** Lines still to be read, the next one last. */
  let waiting: Line[] = [];

  const close = () => {
    records.push(recordOf(open));
    open = [];
    openLength = 0;
  };
  const giveUpQuote = () => {
    const [stray, ...others] = open;
    if (stray) records.push({ ...recordOf([stray]), error: "row: a quote is opened and never closed" });
    waiting.push(...others.reverse());
    open = [];
    openLength = 0;
  };
  const takeLine = (line: Line) => {
    if (line.isCut && open.length > 0) {
      waiting.push(line);
      giveUpQuote();
    } else if (line.isCut) records.push(longLine(line));
    else if (open.length > 0 || line.text.trim() !== "") {
      const staysOpen = endsInQuotes(withoutCarriageReturn(line.text), open.length > 0);
      open.push(line);
      openLength += line.text.length + 1;
      if (!staysOpen) close();
      else if (openLength > maxLength) giveUpQuote();
    }
  };
  const drain = () => {
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) takeLine(line);
  };
  const taken = () => {
    const all = records;
    records = [];
    return all;
  };
  return {
    take(lines: readonly Line[]) {
      waiting = lines.toReversed();
      drain();
      return taken();
    },
    end() {
      while (open.length > 0) {
        giveUpQuote();
        drain();
      }
      return taken();
    },
  };
}

/** The record of one or more physical lines, as it came but for the last line's end. */
function recordOf(lines: readonly Line[]): IntakeRecord {
  const text = withoutCarriageReturn(lines.map((line) => line.text).join("\n"));
  return { text, line: lines[0]?.number ?? 0 };
}

/**
 * Whether a line leaves a quoted cell open, as papaparse reads it: a quote opens only at the start of a cell
 * and closes only before a comma or the end of the line (with nothing but space between).
 */
function endsInQuotes(line: string, startsInQuotes: boolean): boolean {
  let at = startsInQuotes ? 0 : afterOpeningQuote(line, 0);
  while (at !== -1) {
    const quote = line.indexOf('"', at);
    if (quote === -1) return true;
    if (line[quote + 1] === '"') {
      at = quote + 2;
      continue;
    }
    let next = quote + 1;
    while (line[next]?.trim() === "") next++;
    if (next >= line.length) return false;
    at = line[next] === "," ? afterOpeningQuote(line, next + 1) : next;
  }
  return false;
}

/** Behind the first quote that opens a cell, looking from the start of a cell; -1 when none does. */
function afterOpeningQuote(line: string, cellStart: number): number {
  if (line[cellStart] === '"') return cellStart + 1;
  const comma = line.indexOf(',"', cellStart);
  return comma === -1 ? -1 : comma + 2;
}

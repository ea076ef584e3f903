import { type CsvCell, parseCsvCells } from "@/server/catalog/formats/csv-cells";

/** A record of PostgreSQL's CSV: null for an empty field, "" for a quoted empty one. */
export type CsvRecord = CsvCell[];

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;

/**
 * Parses the output of `COPY … TO STDOUT (FORMAT csv)` in blocks of complete records.
 * @throws SyntaxError when the text ends within a record or is not such CSV
 */
export async function* readCsvRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  /** Minimum added length before an incomplete record is parsed again, which avoids quadratic time for long records. */
  let reparseAt = 0;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length < reparseAt) continue;
    const { records, end } = parseRecords(rest);
    rest = rest.slice(end);
    reparseAt = rest.length * 2;
    if (records.length > 0) yield records;
  }
  rest += decoder.decode();
  const { records, end } = parseRecords(rest);
  if (end < rest.length) throw new SyntaxError("The file ends in the middle of a record.");
  if (records.length > 0) yield records;
}

const NEEDS_QUOTES = /[",\r\n]/;

/** Formats a record as PostgreSQL does, with a line end. */
export function formatCsvRecord(record: CsvRecord): string {
  const cells = record.map((cell) => {
    if (cell === null) return "";
    return cell === "" || NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  return `${cells.join(",")}\n`;
}

/**
 * Counts records without parsing them, ten times as fast.
 * @throws SyntaxError when the text ends within a record, or a record's number of fields differs from the first
 */
export async function countCsvRecords(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let records = 0;
  let fields = 1;
  let width = 0;
  let isQuoted = false;
  let isAtStart = true;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      isAtStart = false;
      // A doubled quote toggles twice.
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (isQuoted) continue;
      else if (byte === COMMA) fields++;
      else if (byte === NEWLINE) {
        width ||= fields;
        if (fields !== width) throw new SyntaxError("A record is incomplete.");
        records++;
        fields = 1;
        isAtStart = true;
      }
    }
  }
  if (!isAtStart) throw new SyntaxError("The file ends in the middle of a record.");
  return records;
}

/** The complete records of `text`, and the position of the incomplete one. */
function parseRecords(text: string): { records: CsvRecord[]; end: number } {
  const records: CsvRecord[] = [];
  let end = 0;
  let isQuoted = false;
  let quote = text.indexOf('"');
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    // A doubled quote toggles twice.
    for (; quote !== -1 && quote < at; quote = text.indexOf('"', quote + 1)) isQuoted = !isQuoted;
    if (isQuoted) continue;
    const record = parseCsvCells(text.slice(end, at), ",");
    if (!record) throw new SyntaxError("A quoted field is followed by text.");
    records.push(record);
    end = at + 1;
  }
  return { records, end };
}

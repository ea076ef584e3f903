/** A record of PostgreSQL's CSV: null for an empty field, "" for a quoted empty one. */
export type CsvRecord = (string | null)[];

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;

/**
 * Parses the output of `COPY … TO STDOUT (FORMAT csv)` in blocks of complete records. papaparse is not suitable,
 * because it does not distinguish an empty field from a quoted one.
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
  let record: CsvRecord = [];
  let end = 0;
  let at = 0;
  while (at < text.length) {
    const isQuoted = text.charCodeAt(at) === QUOTE;
    const closing = isQuoted ? closingQuote(text, at + 1) : -1;
    const stop = isQuoted ? closing + 1 : endOfField(text, at);
    if ((isQuoted && closing === -1) || stop >= text.length) break;
    const separator = text.charCodeAt(stop);
    if (separator !== COMMA && separator !== NEWLINE) throw new SyntaxError("A quoted field is followed by text.");
    record.push(fieldOf(text, at, stop, isQuoted));
    at = stop + 1;
    if (separator === NEWLINE) {
      records.push(record);
      record = [];
      end = at;
    }
  }
  return { records, end };
}

function fieldOf(text: string, from: number, to: number, isQuoted: boolean): string | null {
  if (!isQuoted) return from === to ? null : text.slice(from, to);
  const inner = text.slice(from + 1, to - 1);
  return inner.includes('"') ? inner.replaceAll('""', '"') : inner;
}

/** The quote that ends the field, or -1 if incomplete; a doubled quote represents itself. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    // At the end of the text, the next character decides, and it is not available yet.
    if (at + 1 === text.length) return -1;
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

function endOfField(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === NEWLINE) return at;
  }
  return text.length;
}

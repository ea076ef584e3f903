/** A record of PostgreSQL's CSV: null where nothing stood between the commas, "" where two quotes did. */
export type CsvRecord = (string | null)[];

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;

/**
 * Reads what `COPY … TO STDOUT (FORMAT csv)` wrote, in blocks of whole records. papaparse cannot take its place:
 * it gives an empty field and an empty text alike.
 * @throws SyntaxError where the text ends within a record or is no such CSV
 */
export async function* readCsvRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord[]> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  /** Length below which another look at an unfinished record is not worth it, or a long one costs its square. */
  let worthwhile = 0;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length < worthwhile) continue;
    const { records, end } = parseRecords(rest);
    rest = rest.slice(end);
    worthwhile = rest.length * 2;
    if (records.length > 0) yield records;
  }
  rest += decoder.decode();
  const { records, end } = parseRecords(rest);
  if (end < rest.length) throw new SyntaxError("The file ends in the middle of a record.");
  if (records.length > 0) yield records;
}

/** The whole records of `text`, and where the first unfinished one begins. */
function parseRecords(text: string): { records: CsvRecord[]; end: number } {
  const records: CsvRecord[] = [];
  let record: CsvRecord = [];
  let end = 0;
  let at = 0;
  while (at < text.length) {
    const isQuoted = text.charCodeAt(at) === QUOTE;
    const stop = isQuoted ? closingQuote(text, at + 1) + 1 : endOfField(text, at);
    if (stop === 0 || stop >= text.length) break;
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

/** The quote that ends the field, or -1 where it is not there yet; a doubled one stands for itself. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    // At the very end the next character decides, and it has not come.
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

import { type LogTable, logTableList } from "../index";
import { makeNameReader } from "../spellings";
import { parseCsvCells } from "./csv-cells";

/** In the order in which they win where a header fits several. */
const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Of a longer header only the beginning tells its delimiter. */
const LOOKED_AT = 8 * 1024;

const readers = logTableList.map((table) => ({
  names: new Set<string>(table.columns.map(({ name }) => name)),
  readName: makeNameReader(table),
}));

/** Whether `text` begins with a header of column names, with or without Excel's `sep=` before it. */
export function isCsvHeader(text: string): boolean {
  const lines = text.split("\n", 2).map((line) => line.replace(/\r$/, ""));
  const header = readSeparator(lines[0] ?? "") === undefined ? lines[0] : lines[1];
  return header !== undefined && DELIMITERS.some((delimiter) => knownNames(header, delimiter) > 0);
}

/** The delimiter that the line `sep=;` names, which Excel reads before a header; undefined for another line. */
export function readSeparator(line: string): string | undefined {
  return /^"?sep=([^"\w])"?$/i.exec(line)?.[1];
}

/** The delimiter under which a header has the most names of columns. */
export function delimiterOf(header: string): string {
  const beginning = header.slice(0, LOOKED_AT);
  let best: string = DELIMITERS[0];
  let most = knownNames(beginning, best);
  for (const delimiter of DELIMITERS.slice(1)) {
    const known = knownNames(beginning, delimiter);
    if (known > most) [best, most] = [delimiter, known];
  }
  return best;
}

/** The required columns that the names of a header leave out. */
export function missingColumns(names: readonly string[], table: LogTable): string[] {
  const readName = makeNameReader(table);
  const named = new Set(names.flatMap((name) => table.columns[readName(name)?.index ?? -1]?.name ?? []));
  // A request line has the path.
  if (names.includes("request")) named.add("request_path");
  return table.columns.flatMap(({ name, required }) => (required && !named.has(name) ? [name] : []));
}

function knownNames(header: string, delimiter: string): number {
  const cells = (parseCsvCells(header, delimiter) ?? []).map((cell) => cell?.trim() ?? "");
  return cells.filter((name) => readers.some(({ names, readName }) => names.has(name) || readName(name))).length;
}

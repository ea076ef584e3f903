import { type LogTable, logTableList } from "../index";
import { makeNameReader } from "../spellings";
import { parseCsvCells } from "./csv-cells";

/** In order of precedence if a header matches several. */
const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Maximum characters of a header that are examined for its delimiter. */
const MAX_EXAMINED = 8 * 1024;

const readers = logTableList.map((table) => ({
  names: new Set<string>(table.columns.map(({ name }) => name)),
  readName: makeNameReader(table),
}));

/** Returns whether `text` starts with a header of column names, optionally preceded by Excel's `sep=`. */
export function isCsvHeader(text: string): boolean {
  const lines = text.split("\n", 2).map((line) => line.replace(/\r$/, ""));
  const header = readSeparator(lines[0] ?? "") === undefined ? lines[0] : lines[1];
  return header !== undefined && DELIMITERS.some((delimiter) => knownNames(header, delimiter) > 0);
}

/** Returns the delimiter in Excel's line `sep=;` before a header; undefined for any other line. */
export function readSeparator(line: string): string | undefined {
  return /^"?sep=([^"\w])"?$/i.exec(line)?.[1];
}

/** Returns the delimiter with which a header contains the most known column names. */
export function delimiterOf(header: string): string {
  const beginning = header.slice(0, MAX_EXAMINED);
  let best: string = DELIMITERS[0];
  let max = knownNames(beginning, best);
  for (const delimiter of DELIMITERS.slice(1)) {
    const known = knownNames(beginning, delimiter);
    if (known > max) [best, max] = [delimiter, known];
  }
  return best;
}

/** Returns the required columns that are missing in a header. */
export function missingColumns(names: readonly string[], table: LogTable): string[] {
  const readName = makeNameReader(table);
  const named = new Set(names.flatMap((name) => table.columns[readName(name)?.index ?? -1]?.name ?? []));
  // A request line contains the path.
  if (names.includes("request")) named.add("request_path");
  return table.columns.flatMap(({ name, required }) => (required && !named.has(name) ? [name] : []));
}

function knownNames(header: string, delimiter: string): number {
  const cells = (parseCsvCells(header, delimiter) ?? []).map((cell) => cell?.trim() ?? "");
  return cells.filter((name) => readers.some(({ names, readName }) => names.has(name) || readName(name))).length;
}

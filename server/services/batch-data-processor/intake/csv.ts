import Papa from "papaparse";
import type { LogTable } from "@/server/catalog";
import { problemText } from "@/server/catalog/event-problem";
import { AppError } from "@/server/errors";
import { groupCsvLines } from "./csv-lines";
import type { Line } from "./lines";
import type { IntakeRecord } from "./record";

/**
 * Reads CSV with a header row of field names: RFC 4180, with LF or CRLF. An empty cell is no value; a row with
 * more or fewer cells than the header is a record with an error.
 * @throws AppError UNPROCESSABLE before any row where the header lacks a required column
 */
export async function readCsv(
  blocks: AsyncIterable<Line[]>,
  table: LogTable,
): Promise<{ csvHeader: string; blocks: AsyncIterable<IntakeRecord[]> }> {
  const groups = groupCsvLines(blocks);
  let first = await groups.next();
  while (!first.done && first.value.length === 0) first = await groups.next();
  const [header, ...rest] = first.done ? [] : first.value;
  const csvHeader = header?.text ?? "";
  const names = readHeader(csvHeader, table);
  return { csvHeader, blocks: readRows(rest, groups, names) };
}

async function* readRows(
  first: IntakeRecord[],
  groups: AsyncIterable<IntakeRecord[]>,
  names: string[],
): AsyncGenerator<IntakeRecord[]> {
  if (first.length > 0) yield parseRows(first, names);
  for await (const group of groups) if (group.length > 0) yield parseRows(group, names);
}

function readHeader(text: string, table: LogTable): string[] {
  const names = (parseCells(text)[0] ?? []).map((name) => name.trim());
  const missing = table.columns.flatMap(({ name, required }) => (required && !names.includes(name) ? [name] : []));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  const problem =
    missing.length > 0
      ? `lacks ${missing.join(" and ")}: the first row must name the columns`
      : names.includes("") || names.includes("__proto__")
        ? "has a column without a usable name"
        : repeated !== undefined && `names ${repeated} more than once`;
  if (problem) {
    throw new AppError("UNPROCESSABLE", `The CSV header ${problem}.`, {
      errors: missing.map((path) => ({ path, message: "missing in the CSV header" })),
    });
  }
  return names;
}

/** Parses a block of records at once where that gives as many rows, else each by itself. */
function parseRows(records: IntakeRecord[], names: string[]): IntakeRecord[] {
  const sound = records.filter((record) => record.error === undefined);
  const together = parseCells(sound.map((record) => record.text).join("\n"));
  const rows = new Map(together.length === sound.length ? sound.map((record, index) => [record, together[index]]) : []);
  return records.map((record) => {
    if (record.error !== undefined) return record;
    const cells = rows.get(record) ?? onlyRow(record.text);
    return cells ? withEvent(record, cells, names) : { ...record, error: problemText("row", "unmatched_quotes") };
  });
}

function onlyRow(text: string): string[] | undefined {
  const rows = parseCells(text);
  return rows.length === 1 ? rows[0] : undefined;
}

function withEvent(record: IntakeRecord, cells: string[], names: string[]): IntakeRecord {
  if (cells.length !== names.length) {
    return { ...record, error: problemText("row", cells.length > names.length ? "more_cells" : "fewer_cells") };
  }
  const event: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const cell = cells[index];
    if (cell) event[name] = cell;
  }
  return { ...record, event };
}

function parseCells(text: string): string[][] {
  // papaparse takes space between a closing quote and the end for part of the cell unless a line feed follows.
  const { data } = Papa.parse<string[]>(`${text}\n`, { delimiter: ",", newline: "\n" });
  return data.slice(0, -1);
}

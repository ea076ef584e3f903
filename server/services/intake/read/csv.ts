import type { LogTable } from "@/server/catalog";
import { delimiterOf, readSeparator } from "@/server/catalog/formats/csv-header";
import { makeTimeSlice, type TimeSlice } from "@/server/lib/time-slice";
import { type CsvRowReader, makeCsvRowReader } from "../events/csv-row-reader";
import { groupCsvLines } from "./csv-lines";
import { type Line, withoutCarriageReturn } from "./lines";
import type { IntakeRecord } from "./record";

/**
 * Parses CSV with a header row: RFC 4180, with LF or CRLF, delimited by comma, semicolon, tab or bar according to the
 * header or Excel's line `sep=;`. An empty cell is no value; a row with more or fewer cells than the header is a record
 * with an error.
 * @param mapped columns that a mapping provides
 * @throws AppError UNPROCESSABLE before any row when the header lacks a required column, or is too long
 */
export async function readCsv(
  blocks: AsyncIterable<Line[]>,
  table: LogTable,
  mapped: readonly string[] = [],
): Promise<{ csvHeader: string; blocks: AsyncIterable<IntakeRecord[]> }> {
  const { separatorLine, delimiter, lines } = await readDialect(blocks);
  const groups = groupCsvLines(lines, delimiter);
  let first = await groups.next();
  while (!first.done && first.value.length === 0) first = await groups.next();
  const [header, ...rest] = first.done ? [] : first.value;
  const csvHeader = [...separatorLine, header?.text ?? ""].join("\n");
  const reader = makeCsvRowReader(csvHeader, table, mapped);
  return { csvHeader, blocks: readRows(rest, groups, reader) };
}

/** The delimiter, and the lines from the header on. */
async function readDialect(
  blocks: AsyncIterable<Line[]>,
): Promise<{ separatorLine: string[]; delimiter: string; lines: AsyncIterable<Line[]> }> {
  const iterator = blocks[Symbol.asyncIterator]();
  const separatorLine: string[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    for (const [index, line] of next.value.entries()) {
      const text = withoutCarriageReturn(line.text);
      if (text.trim() === "") continue;
      if (separatorLine.length === 0 && readSeparator(text) !== undefined) {
        separatorLine.push(text);
        continue;
      }
      const delimiter = readSeparator(separatorLine[0] ?? "") ?? delimiterOf(text);
      return { separatorLine, delimiter, lines: resume(next.value.slice(index), iterator) };
    }
  }
  return { separatorLine, delimiter: ",", lines: resume([], iterator) };
}

async function* resume(first: Line[], iterator: AsyncIterator<Line[]>): AsyncGenerator<Line[]> {
  try {
    yield first;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function* readRows(
  first: IntakeRecord[],
  groups: AsyncIterable<IntakeRecord[]>,
  reader: CsvRowReader,
): AsyncGenerator<IntakeRecord[]> {
  const slice = makeTimeSlice();
  if (first.length > 0) yield await withEvents(first, reader, slice);
  for await (const group of groups) if (group.length > 0) yield await withEvents(group, reader, slice);
}

async function withEvents(
  records: readonly IntakeRecord[],
  reader: CsvRowReader,
  slice: TimeSlice,
): Promise<IntakeRecord[]> {
  const read: IntakeRecord[] = [];
  for (const record of records) {
    read.push(record.error === undefined ? { ...record, ...reader(record.text) } : record);
    const pause = slice();
    if (pause) await pause;
  }
  return read;
}

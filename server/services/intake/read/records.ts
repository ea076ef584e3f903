import type { LogTable } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { type IntakeFormat, parseLogLine } from "@/server/catalog/formats";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { ExportedRow } from "../events/exported-row";
import { readJsonEvent } from "../events/json-event";
import { fitsFormat, type Mapping } from "../mappings/mapping";
import { mappingError } from "../mappings/mapping-error";
import { makeW3cReader } from "../mappings/w3c";
import { readCsv } from "./csv";
import { readJsonDocument } from "./json-document";
import { readLines, withoutCarriageReturn } from "./lines";
import { type IntakeRecord, unreadableLine } from "./record";

export interface RecordSource {
  /** The header row of CSV. */
  readonly csvHeader?: string;
  readonly blocks: AsyncIterable<IntakeRecord[]>;
}

/**
 * Parses unpacked bytes into events of `table`, a block at a time, in constant memory (a JSON document is read into
 * memory, up to its limit).
 * @param mapping how events become rows; by default by the names of their fields
 * @throws AppError when nothing can be read: no CSV header, no JSON document
 */
export async function readRecords(
  chunks: AsyncIterable<Uint8Array>,
  format: IntakeFormat,
  table: LogTable,
  mapping?: Mapping,
): Promise<RecordSource> {
  if (mapping && !fitsFormat(mapping, format)) throw mappingError("mapping.wrong_format", { kind: mapping.reads.kind });
  if (mapping?.reads.kind === "lines") return { blocks: readByLine(chunks, mapping.reads.parse, true) };
  if (mapping?.reads.kind === "w3c") return { blocks: readW3c(chunks) };
  const source = await readFormat(chunks, format, table, mapping?.reads.columns);
  return mapping ? { ...source, blocks: mapEvents(source.blocks, mapping.reads.map) } : source;
}

async function readFormat(
  chunks: AsyncIterable<Uint8Array>,
  format: IntakeFormat,
  table: LogTable,
  mapped: readonly string[] | undefined,
): Promise<RecordSource> {
  switch (format) {
    case "combined":
      return { blocks: readByLine(chunks, parseLogLine, true) };
    case "ndjson":
      return { blocks: readByLine(chunks, readJsonEvent, false) };
    case "csv":
      return await readCsv(readLines(chunks), table, mapped);
    case "json":
      return { blocks: readJsonDocument(chunks) };
  }
}

type ParsedLine = { event: unknown } | { error: ErrorValue };

async function* readByLine(
  chunks: AsyncIterable<Uint8Array>,
  parse: (text: string) => ParsedLine,
  acceptsInvalidBytes: boolean,
): AsyncGenerator<IntakeRecord[]> {
  const slice = makeTimeSlice();
  for await (const lines of readLines(chunks)) {
    const records: IntakeRecord[] = [];
    for (const line of lines) {
      const pause = slice();
      if (pause) await pause;
      const text = withoutCarriageReturn(line.text);
      if (line.isCut || (line.hasStrayBytes && !acceptsInvalidBytes)) records.push(unreadableLine(line));
      else if (text.trim() !== "") records.push({ text, line: line.number, ...parse(text) });
    }
    if (records.length > 0) yield records;
  }
}

/** Reads lines under a `#Fields:` line, and those without one as errors. */
async function* readW3c(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<IntakeRecord[]> {
  const reader = makeW3cReader();
  const slice = makeTimeSlice();
  for await (const lines of readLines(chunks)) {
    const records: IntakeRecord[] = [];
    for (const line of lines) {
      const pause = slice();
      if (pause) await pause;
      const text = withoutCarriageReturn(line.text);
      if (line.isCut) records.push(unreadableLine(line));
      else if (text.trim() !== "") {
        const read = reader.read(text);
        if (read) records.push({ text, line: line.number, header: read.header, ...read.parsed });
      }
    }
    if (records.length > 0) yield records;
  }
}

async function* mapEvents(
  blocks: AsyncIterable<IntakeRecord[]>,
  map: (event: unknown) => ParsedLine,
): AsyncGenerator<IntakeRecord[]> {
  const slice = makeTimeSlice();
  for await (const block of blocks) {
    const mapped: IntakeRecord[] = [];
    for (const record of block) {
      const pause = slice();
      if (pause) await pause;
      mapped.push(mapRecord(record, map));
    }
    yield mapped;
  }
}

/** Maps the events of records that were read without a mapping. */
export function mapRecords(records: readonly IntakeRecord[], map: (event: unknown) => ParsedLine): IntakeRecord[] {
  return records.map((record) => mapRecord(record, map));
}

function mapRecord(record: IntakeRecord, map: (event: unknown) => ParsedLine): IntakeRecord {
  const { text, line, event, error } = record;
  return error !== undefined || event instanceof ExportedRow ? record : { text, line, ...map(event) };
}

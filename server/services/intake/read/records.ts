import type { LogTable } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import { type IntakeFormat, parseLogLine } from "@/server/catalog/formats";
import { makeTimeSlice } from "@/server/lib/time-slice";
import { readJsonEvent } from "../events/json-event";
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
 * @throws AppError when nothing can be read: no CSV header, no JSON document
 */
export async function readRecords(
  chunks: AsyncIterable<Uint8Array>,
  format: IntakeFormat,
  table: LogTable,
): Promise<RecordSource> {
  switch (format) {
    case "combined":
      return { blocks: readByLine(chunks, parseLogLine, true) };
    case "ndjson":
      return { blocks: readByLine(chunks, readJsonEvent, false) };
    case "csv":
      return await readCsv(readLines(chunks), table);
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

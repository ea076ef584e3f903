import Papa from "papaparse";
import { type LogTable, type LogTableName, logTableList } from "@/server/catalog";
import { problemText } from "@/server/catalog/event-problem";
import { type IntakeFormat, parseLogLine } from "@/server/catalog/formats";

/** How many records a preview shows. */
const PREVIEW_RECORDS = 20;

export interface PreviewRecord {
  /** Line of the file, from 1; the position in a JSON document. */
  line: number;
  text: string;
  /** The fields as read; null where the line is none. */
  event: Readonly<Record<string, unknown>> | null;
  /** Why the line will be refused, in the words the dead letter will have; null when it can be read. */
  problem: string | null;
}

/**
 * The first records of a file as the server will read them. The server checks more, value by value: what
 * is fine here may still be refused there.
 */
export function previewRecords(text: string, format: IntakeFormat, table: LogTable): PreviewRecord[] {
  const plain = text.replace(/^\uFEFF/, "");
  const records = readers[format](plain).slice(0, PREVIEW_RECORDS);
  return records.map((record) => ({ ...record, problem: record.problem ?? lacking(record.event, table) }));
}

/** The table that a file's events fit: whose required columns they have. Undefined when none does. */
export function guessTable(text: string, format: IntakeFormat): LogTableName | undefined {
  const fields = new Set(
    readers[format](text.replace(/^\uFEFF/, ""))
      .slice(0, PREVIEW_RECORDS)
      .flatMap(({ event }) => Object.keys(event ?? {})),
  );
  if (format === "combined") return logTableList.find((table) => table.acceptsLogLines)?.name;
  return logTableList.find((table) => table.columns.every((column) => !column.required || fields.has(column.name)))
    ?.name;
}

function lacking(event: PreviewRecord["event"], table: LogTable): string | null {
  const missing = table.columns.find(
    ({ name, required }) => required && (event?.[name] === undefined || event[name] === null || event[name] === ""),
  );
  return missing ? problemText(missing.name, "missing") : null;
}

const readers: Record<IntakeFormat, (text: string) => PreviewRecord[]> = {
  combined: (text) =>
    linesOf(text).map(({ line, text: raw }) => {
      const parsed = parseLogLine(raw);
      if ("error" in parsed) return { line, text: raw, event: null, problem: parsed.error };
      return { line, text: raw, event: { ...parsed.event }, problem: null };
    }),
  ndjson: (text) => linesOf(text).map(({ line, text: raw }) => ({ line, text: raw, ...readJson(raw) })),
  json: readDocument,
  csv: readCsv,
};

function linesOf(text: string): { line: number; text: string }[] {
  const numbered = text.split("\n", PREVIEW_RECORDS * 5).map((line, index) => ({
    line: index + 1,
    text: line.replace(/\r$/, ""),
  }));
  return numbered.filter((line) => line.text.trim() !== "").slice(0, PREVIEW_RECORDS);
}

function readJson(text: string): Pick<PreviewRecord, "event" | "problem"> {
  try {
    return asEvent(JSON.parse(text));
  } catch {
    return { event: null, problem: problemText("event", "not_json") };
  }
}

function asEvent(value: unknown): Pick<PreviewRecord, "event" | "problem"> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { event: null, problem: problemText("event", "not_object") };
  }
  return { event: { ...value }, problem: null };
}

function readDocument(text: string): PreviewRecord[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [{ line: 1, text: text.slice(0, 2_000), event: null, problem: problemText("document", "not_json") }];
  }
  const nested = typeof document === "object" && document !== null && "items" in document ? document.items : document;
  const items: unknown[] = Array.isArray(nested) ? nested : [document];
  return items.slice(0, PREVIEW_RECORDS).map((item, index) => ({
    line: index + 1,
    text: JSON.stringify(item),
    ...asEvent(item),
  }));
}

function readCsv(text: string): PreviewRecord[] {
  const { data } = Papa.parse<string[]>(text, { preview: PREVIEW_RECORDS + 1, skipEmptyLines: "greedy" });
  const [header = [], ...rows] = data;
  let line = 1 + lineBreaks(header);
  return rows.map((cells) => {
    const at = line + 1;
    line = at + lineBreaks(cells);
    const record = { line: at, text: Papa.unparse([cells]) };
    if (cells.length !== header.length) {
      const problem = problemText("row", cells.length > header.length ? "more_cells" : "fewer_cells");
      return { ...record, event: null, problem };
    }
    const filled = header.flatMap((name, index) => (cells[index] ? [[name.trim(), cells[index]]] : []));
    return { ...record, event: Object.fromEntries(filled), problem: null };
  });
}

function lineBreaks(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
}

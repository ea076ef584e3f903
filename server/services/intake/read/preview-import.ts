import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { type LogTableName, logTableList, logTables } from "@/server/catalog";
import { detectFormat, type IntakeFormat } from "@/server/catalog/formats";
import { toAppError, toErrorValue } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { ImportPreview, MappingChoice, PreviewRecord, PreviewRequest } from "../contract";
import { prepareBatch } from "../events/prepare";
import { compileMapping, fitsFormat, type Mapping } from "../mappings/mapping";
import { memberPaths } from "../mappings/member-paths";
import { type Row, rowValues } from "../row";
import { currentRules } from "../rules/current-rules";
import type { CompiledRule, RuleSet } from "../rules/rule-set";
import { unpackSample } from "../unpack/unpack-sample";
import { decodeText } from "./decode-text";
import { detectMapping } from "./detect-mapping";
import { guessEncoding } from "./guess-encoding";
import { readFirstElements } from "./json-document";
import { DEAD_LETTER_FORMATS, type IntakeRecord } from "./record";
import { mapRecords, readRecords } from "./records";
import { undatedTime } from "./undated-time";
import { decodeWithEscapes, isUtf8Beginning } from "./utf8";

/** Maximum number of records in a preview. */
const PREVIEW_RECORDS = 20;

/** Parses and validates the first records of a file like the intake does, and returns the detected options. */
export async function previewImport(
  ctx: Pick<Context, "config" | "db" | "geolocation" | "now">,
  request: PreviewRequest,
): Promise<ImportPreview> {
  const { sample, isWhole } = await unpackSample(request);
  const encoding = request.encoding ?? encodingOf(sample);
  const text = await textOf(sample, encoding);
  const beginning = decodeWithEscapes(text);
  const found = request.format ?? detectFormat(beginning);
  const tables = request.table ? [request.table] : candidates(found ?? "combined", request.preferred);
  let best: TablePreview | undefined;
  for (const table of tables) {
    const preview = await previewInto(ctx, table, { ...request, text, beginning, found, isWhole, encoding });
    if (!best || rowsOf(preview) > rowsOf(best)) best = preview;
  }
  if (!best) throw new Error("There is no log table.");
  return { ...best, is_binary: isBinary(text) };
}

type TablePreview = Omit<ImportPreview, "is_binary">;

function rowsOf({ records }: TablePreview): number {
  return records.filter(({ row, dropped_by }) => row !== null || dropped_by !== null).length;
}

function candidates(format: IntakeFormat, preferred: LogTableName | undefined): LogTableName[] {
  const names = logTableList.filter((table) => format !== "combined" || table.acceptsLogLines).map(({ name }) => name);
  return names.toSorted((a, b) => Number(b === preferred) - Number(a === preferred));
}

/** A log contains no NUL bytes except those of a rotation, at the beginning of a line. */
function isBinary(text: Uint8Array): boolean {
  return /[^\n\0]\0/.test(Buffer.from(text).toString("latin1"));
}

/** Returns the encoding of the byte order mark, or the best guess for text that is not UTF-8. */
function encodingOf(sample: Uint8Array): string {
  if (sample[0] === 0xff && sample[1] === 0xfe) return "utf-16le";
  if (sample[0] === 0xfe && sample[1] === 0xff) return "utf-16be";
  const isText = isUtf8(sample) || isUtf8Beginning(sample);
  return (isText && !sample.includes(0) ? undefined : guessEncoding(sample)) ?? "utf-8";
}

async function textOf(sample: Uint8Array, encoding: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of await decodeText(only(sample), encoding)) parts.push(part);
  return Buffer.concat(parts);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

interface Reading {
  readonly text: Uint8Array;
  readonly beginning: string;
  /** As chosen or detected. */
  readonly found: IntakeFormat | undefined;
  readonly mapping?: MappingChoice;
  readonly isWhole: boolean;
  readonly encoding: string;
  readonly lastModified?: Date;
}

async function previewInto(
  ctx: Pick<Context, "config" | "db" | "geolocation" | "now">,
  table: LogTableName,
  { text, beginning, found, mapping: choice, isWhole, encoding, lastModified }: Reading,
): Promise<TablePreview> {
  const detected = choice ? undefined : await detectMapping(ctx, beginning, found, table);
  let shared = {
    table,
    format: detected?.format ?? found ?? "ndjson",
    encoding,
    mapping: choice?.label ?? detected?.preset ?? null,
    detection: detected ? { matched: detected.matched, records: detected.records } : null,
    fields: [] as string[],
  };
  try {
    const expression = choice?.expression ?? detected?.preset;
    const mapping = expression === undefined ? undefined : compileMapping(expression, logTables[table]);
    if (mapping && !fitsFormat(mapping, shared.format)) {
      shared = {
        ...shared,
        format: mapping.reads.kind !== "events" ? "combined" : found === "combined" ? "csv" : shared.format,
      };
    }
    const { format } = shared;
    const read = await firstRecords(text, format, table, isWhole, mapping);
    shared.fields = await fieldsOf(text, format, table, isWhole);
    return {
      ...shared,
      problem: null,
      position: null,
      records: await validated(ctx, table, { format, lastModified }, read),
    };
  } catch (error) {
    const failure = toAppError(error);
    const position = failure.errors.find(({ path }) => path === "map")?.position ?? null;
    return { ...shared, problem: toErrorValue(failure), position, records: [] };
  }
}

async function firstRecords(
  text: Uint8Array,
  format: IntakeFormat,
  table: LogTableName,
  isWhole: boolean,
  mapping: Mapping | undefined,
): Promise<IntakeRecord[]> {
  if (format === "json" && !isWhole) {
    const elements = await readFirstElements(Buffer.from(text).toString("utf8"), PREVIEW_RECORDS);
    return mapping?.reads.kind === "events" ? mapRecords(elements, mapping.reads.map) : elements;
  }
  const { blocks } = await readRecords(only(text), format, logTables[table], mapping);
  const records: IntakeRecord[] = [];
  for await (const block of blocks) {
    records.push(...block.slice(0, PREVIEW_RECORDS + 1 - records.length));
    if (records.length > PREVIEW_RECORDS) break;
  }
  // The last record of a sample may be truncated.
  return records.slice(0, isWhole ? PREVIEW_RECORDS : Math.min(PREVIEW_RECORDS, records.length - 1));
}

/** The fields of JSON and CSV events, which can be mapped to columns. */
async function fieldsOf(
  text: Uint8Array,
  format: IntakeFormat,
  table: LogTableName,
  isWhole: boolean,
): Promise<string[]> {
  if (format === "combined") return [];
  const columns = logTables[table].columns.map(({ name }) => name);
  // With all columns as mapped, no header is refused.
  const all = { expression: "", reads: { kind: "events", map: (event: unknown) => ({ event }), columns } } as const;
  const records = await firstRecords(text, format, table, isWhole, all);
  return memberPaths(records.map(({ event }) => event));
}

async function validated(
  ctx: Pick<Context, "config" | "db" | "geolocation" | "now">,
  table: LogTableName,
  { format, lastModified }: { readonly format: IntakeFormat; readonly lastModified?: Date },
  records: readonly IntakeRecord[],
): Promise<PreviewRecord[]> {
  const { rules, redactedBy } = noteRedactions(await currentRules(ctx, table));
  const origin = { ...undatedTime(ctx, lastModified), source: "preview", format: DEAD_LETTER_FORMATS[format], rules };
  // Samples depend on the id.
  const fallbackId = rules.rules.length === 0 ? "" : randomUUID;
  const events = records.flatMap(({ text, line, event, error }) =>
    error === undefined ? [{ event, raw: text, fallbackId, line }] : [],
  );
  const batch = await prepareBatch(ctx, table, events, origin);
  const rows = new Map(batch.events.map(({ line }, index) => [line, batch.rows[index]]));
  const problems = new Map(batch.dead.map(({ line, error }) => [line, error]));
  const droppedBy = new Map(batch.dropped.map(({ line, rule }) => [line, rule]));
  return records.map(({ text, line, error }) => {
    const row = rows.get(line);
    const problem = error ?? problems.get(line) ?? null;
    return {
      line,
      text: text.slice(0, 400),
      row: row ? rowValues(logTables[table], row) : null,
      problem,
      dropped_by: droppedBy.get(line) ?? null,
      redacted_by: (row && redactedBy.get(row)) ?? [],
    };
  });
}

/** Rules that record which of them redacted a row. */
function noteRedactions(set: RuleSet): { rules: RuleSet; redactedBy: ReadonlyMap<Row, string[]> } {
  const redactedBy = new Map<Row, string[]>();
  const rules = set.rules.map((rule): CompiledRule => {
    const { redact } = rule;
    if (!redact) return rule;
    return {
      ...rule,
      redact: async (row, slice) => {
        const isChanged = await redact(row, slice);
        if (isChanged) redactedBy.set(row, [...(redactedBy.get(row) ?? []), rule.name]);
        return isChanged;
      },
    };
  });
  return { rules: { ...set, rules }, redactedBy };
}

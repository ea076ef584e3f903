import { type LogTableName, logTables } from "@/server/catalog";
import type { IntakeFormat } from "@/server/catalog/formats";
import type { Context } from "@/server/process/context";
import { prepareBatch } from "../events/prepare";
import { compileMapping, fitsFormat, type Mapping } from "../mappings/mapping";
import { isObject } from "../mappings/pairs";
import { PRESETS } from "../mappings/presets";
import { NO_RULES } from "../rules/rule-set";
import { readFirstElements } from "./json-document";
import { DEAD_LETTER_FORMATS, type IntakeRecord } from "./record";
import { mapRecords, readRecords } from "./records";

/** Records that are compared. */
const MAX_RECORDS = 20;

/** A preset that reads more of the first records than the usual names of fields and formats do. */
export interface DetectedMapping {
  readonly format: IntakeFormat;
  readonly preset: string;
  /** How many of the first records it can store. */
  readonly matched: number;
  readonly records: number;
}

interface Score {
  /** Whether the events have the names of the columns, or a format without names. */
  readonly isOwn: boolean;
  readonly rows: number;
  readonly values: number;
  readonly records: number;
}

/**
 * Compares the presets on the first records of a text. Of those that store as many rows, the one that fills more
 * columns is chosen. The usual reading has precedence over presets, so that the identity of its events never changes; JSON without
 * the names of the columns is read by a preset that fills more of them.
 * @param format as requested or detected; undefined: log lines of an unknown format
 */
export async function detectMapping(
  ctx: Pick<Context, "config" | "geolocation" | "now">,
  beginning: string,
  format: IntakeFormat | undefined,
  table: LogTableName,
): Promise<DetectedMapping | undefined> {
  const sample = beginning.split("\n", MAX_RECORDS + 1);
  // The last line may be truncated.
  if (sample.length > MAX_RECORDS) sample.pop();
  const text = format === "json" ? beginning : sample.join("\n");
  const usual = format && (await scoreOf(ctx, text, format, table, undefined));
  if (usual?.records === 0) return undefined;
  if (usual && usual.rows === usual.records && usual.isOwn) return undefined;
  const read: IntakeFormat = format ?? "combined";
  if (read === "combined" && !logTables[table].acceptsLogLines) return undefined;
  let best: Score = usual ?? { isOwn: false, rows: 0, values: 0, records: 0 };
  let preset: string | undefined;
  for (const { name, table: own, kind } of PRESETS) {
    if (own !== table && kind !== "wrapper") continue;
    const mapping = compileMapping(name, logTables[table]);
    if (!fitsFormat(mapping, read)) continue;
    const score = await scoreOf(ctx, text, read, table, mapping);
    const isTie = score.rows === best.rows && score.rows > 0 && (preset !== undefined || usual?.isOwn === false);
    const isBetter = score.rows > best.rows || (isTie && score.values > best.values);
    if (isBetter) [best, preset] = [score, name];
  }
  return preset === undefined ? undefined : { format: read, preset, matched: best.rows, records: best.records };
}

async function scoreOf(
  ctx: Pick<Context, "config" | "geolocation" | "now">,
  text: string,
  format: IntakeFormat,
  table: LogTableName,
  mapping: Mapping | undefined,
): Promise<Score> {
  const records = await firstOf(text, format, table, mapping);
  const batch = await prepareBatch(
    ctx,
    table,
    records.flatMap(({ event, error }) => (error === undefined ? [{ event, raw: "", fallbackId: "" }] : [])),
    { receivedAt: ctx.now().toISOString(), source: "detection", format: DEAD_LETTER_FORMATS[format], rules: NO_RULES },
  );
  // The last column contains what has no column.
  const values = batch.rows.reduce((sum, row) => sum + row.slice(0, -1).filter((value) => value !== null).length, 0);
  const required = logTables[table].columns.flatMap(({ name, required }) => (required ? [name] : []));
  const isJson = format === "json" || format === "ndjson";
  const isOwn =
    !isJson || records.some(({ event }) => isObject(event) && required.every((name) => Object.hasOwn(event, name)));
  return { isOwn, rows: batch.rows.length, values, records: records.length };
}

async function firstOf(
  text: string,
  format: IntakeFormat,
  table: LogTableName,
  mapping: Mapping | undefined,
): Promise<IntakeRecord[]> {
  if (format === "json") {
    const elements = await readFirstElements(text, MAX_RECORDS);
    if (mapping?.reads.kind !== "events") return elements;
    return mapRecords(elements, mapping.reads.map);
  }
  const records: IntakeRecord[] = [];
  try {
    const { blocks } = await readRecords(only(Buffer.from(text)), format, logTables[table], mapping);
    for await (const block of blocks) records.push(...block);
  } catch {
    // A CSV header without the required columns.
    return [];
  }
  return records;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

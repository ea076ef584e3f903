import { createSerializer, parseAsBoolean, parseAsString, parseAsStringLiteral } from "nuqs";
import { LOCALES, type Locale } from "@/messages/locales";
import { LOG_TABLE_NAMES, type LogTableName, logTables } from "@/server/catalog";
import {
  EXPORT_CHOICES,
  EXPORT_COMPRESSIONS,
  EXPORT_FORMAT_NAMES,
  type ExportFormatName,
} from "@/server/catalog/export-formats";
import { filterNames } from "@/server/catalog/filter";
import { RELATIVE_RANGES, rangeDates, type TimeRange } from "../time-range/range";
import type { RouterInputs, RouterOutputs } from "../trpc";
import { type JsonColumns, writeJsonColumns } from "./json-columns";

export type ExportParams = RouterInputs["exports"]["start"];
export type ExportType = ExportParams["export_type"];
type Manifest = RouterOutputs["exports"]["list"]["items"][number]["manifest"];

/** How columns are named in files for people: as in the API, or as in the interface in a language. */
export const HEADERS = ["names", ...LOCALES] as const satisfies readonly ("names" | Locale)[];

export const EXPORT_TYPES = [...LOG_TABLE_NAMES, "statistics"] as const satisfies readonly ExportType[];

/** The settings of an export, all stored in the URL. */
export interface ExportChoices {
  readonly type: ExportType;
  readonly range: TimeRange;
  /** Filters of log rows by parameter, as in the URLs of the log pages. */
  readonly filters: Readonly<Record<string, string>>;
  /** Columns of log rows in order; null for all. */
  readonly columns: readonly string[] | null;
  /** Members of JSON columns that become columns; null for none. */
  readonly json: JsonColumns | null;
  readonly headers: (typeof HEADERS)[number];
  readonly format: ExportFormatName;
  readonly compress: (typeof EXPORT_COMPRESSIONS)[number];
  readonly bom: boolean;
  /** Whether archived log rows are included. */
  readonly archived: boolean;
}

/** The filter parameters of all tables; those of other types are left unchanged. */
export const filterParsers = Object.fromEntries(
  LOG_TABLE_NAMES.flatMap((name) => filterNames(logTables[name])).map((name) => [name, parseAsString]),
);

export const choiceParsers = {
  type: parseAsStringLiteral(EXPORT_TYPES).withDefault("access_logs"),
  range: parseAsStringLiteral(RELATIVE_RANGES),
  start: parseAsString,
  end: parseAsString,
  cols: parseAsString,
  json: parseAsString,
  headers: parseAsStringLiteral(HEADERS).withDefault("names"),
  format: parseAsStringLiteral(EXPORT_FORMAT_NAMES).withDefault("csv"),
  compress: parseAsStringLiteral(EXPORT_COMPRESSIONS).withDefault("none"),
  bom: parseAsBoolean.withDefault(true),
  archived: parseAsBoolean.withDefault(false),
};

const serialize = createSerializer({ ...filterParsers, ...choiceParsers });

/** The table of the export; null for the statistics report. */
export function tableOf(type: ExportType): LogTableName | null {
  return LOG_TABLE_NAMES.find((name) => name === type) ?? null;
}

/** The formats in which exports of this type can be written. */
export function formatsOf(type: ExportType): ExportFormatName[] {
  return EXPORT_FORMAT_NAMES.filter((name) => tableOf(type) !== null || EXPORT_CHOICES[name].hasReport);
}

/** The chosen format, or CSV if the type does not have it. */
export function formatOf({ type, format }: Pick<ExportChoices, "type" | "format">): ExportFormatName {
  return formatsOf(type).includes(format) ? format : "csv";
}

/** The URL of the exports page with these settings. */
export function exportHref({ range, filters, columns, json, ...rest }: Partial<ExportChoices>): string {
  return serialize("/exports", {
    ...filters,
    ...rest,
    ...rangeValues(range ?? null),
    cols: columns?.join(",") ?? null,
    json: writeJsonColumns(json ?? null),
  });
}

/** A range as URL parameters. */
export function rangeValues(range: TimeRange) {
  const none = { range: null, start: null, end: null };
  if (range === null) return none;
  return "last" in range ? { ...none, range: range.last } : { ...none, ...range };
}

/** The settings as a request, without those that do not apply to the type or format. @param now milliseconds since 1970 */
export function exportParams(choices: ExportChoices, now: number): ExportParams {
  const { type } = choices;
  const format = formatOf(choices);
  const isRows = tableOf(type) !== null;
  return {
    export_type: type,
    format,
    ...rangeDates(choices.range, now),
    filters: isRows ? { ...choices.filters } : {},
    ...(isRows && choices.columns ? { columns: [...choices.columns] } : {}),
    ...(isRows && choices.json ? { json_columns: choices.json === "all" ? "all" : [...choices.json] } : {}),
    ...(isRows && choices.headers !== "names" && EXPORT_CHOICES[format].hasHeader ? { headers: choices.headers } : {}),
    // Workbooks and reports of several files are zip files already.
    compress: isRows && !EXPORT_CHOICES[format].isCompressed ? choices.compress : "none",
    bom: EXPORT_CHOICES[format].hasByteOrderMark && choices.bom,
    ...(isRows && choices.archived ? { include_archived: true } : {}),
  };
}

/** The request of a finished export. */
export function paramsOf({ columns, json_columns, json_columns_requested, ...manifest }: Manifest): ExportParams {
  const json = json_columns_requested ?? json_columns?.map(({ field, type }) => ({ field, type }));
  return { ...manifest, ...(columns ? { columns: [...columns] } : {}), ...(json ? { json_columns: json } : {}) };
}

/** The settings of a request; a relative range as its start time. @param now ISO 8601 */
export function choicesOf(params: ExportParams, now: string): Partial<ExportChoices> {
  const { start_date: start, end_date: end } = params;
  return {
    type: params.export_type,
    range: start === undefined && end === undefined ? null : { start: start ?? "1970-01-01", end: end ?? now },
    filters: params.filters,
    columns: params.columns ?? null,
    json: params.json_columns ?? null,
    headers: params.headers ?? "names",
    format: params.format,
    compress: params.compress,
    // A workbook has no byte order mark; a CSV chosen next has the default.
    bom: EXPORT_CHOICES[params.format].hasByteOrderMark ? params.bom : true,
    archived: params.include_archived === true,
  };
}

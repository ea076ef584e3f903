import { type Column, type LogTableName, logTables } from "@/server/catalog";
import { derivedField, derivedFieldsOf, sourceColumnOf } from "@/server/catalog/derived-fields";
import { filterTerms, writeField } from "@/server/catalog/filter";
import type { Chip } from "../filter-bar/filters";
import type { ExploreValue, Measure } from "./types";

/** Groups that are no fields of filters. */
export const IP_BLOCK = "ip_block";
export const HOUR_OF_DAY = "hour_of_day";
export const WEEKDAY = "weekday";

/** Columns by which grouping is useless or impossible. */
const NEVER_GROUPS = new Set(["id", "created_at", "details", "extra"]);

/** The fields that answer most questions. */
const PREFERRED = ["route", "action", "status_class", "ip_address", "user_id", "region", "browser"];

/** The fields by which rows can be grouped, without JSON members; the preferred ones are first. */
export function groupFields(table: LogTableName): string[] {
  const { columns } = logTables[table];
  const names = columns.map(({ name }) => name).filter((name) => !NEVER_GROUPS.has(name));
  const hasAddress = names.includes("ip_address");
  const all = [...derivedFieldsOf(logTables[table]), ...names, ...(hasAddress ? [IP_BLOCK] : []), WEEKDAY, HOUR_OF_DAY];
  const first = PREFERRED.filter((name) => all.includes(name));
  return [...first, ...all.filter((name) => !first.includes(name))];
}

/** The numeric columns of a table. */
export function numericFields(table: LogTableName): string[] {
  return logTables[table].columns.filter(({ filter }) => filter === "range").map(({ name }) => name);
}

/** Whether a field has durations in milliseconds. */
export function isDuration(table: LogTableName, field: string | undefined): boolean {
  return logTables[table].columns.some(({ name, isDuration: is }) => name === field && is);
}

/** The column that a group reads. */
export function columnOfGroup(group: string): string {
  if (group === IP_BLOCK) return "ip_address";
  return sourceColumnOf(group.split(".")[0] ?? group);
}

export function columnOf(table: LogTableName, name: string): Column | undefined {
  return logTables[table].columns.find((column) => column.name === name);
}

/** The field and path of a group; undefined for groups that are no fields, and for text that is none. */
function readField(table: LogTableName, group: string): { field: string; path: readonly string[] } | undefined {
  if (group === IP_BLOCK) return { field: "ip_address", path: [] };
  const [term, ...others] = filterTerms(`${group}:*`) ?? [];
  if (term?.kind !== "field" || others.length > 0) return undefined;
  const isKnown = columnOf(table, term.field) !== undefined || derivedField(logTables[table], term.field) !== undefined;
  return isKnown ? { field: term.field, path: term.path } : undefined;
}

/** Whether text is a field of the table, as in expressions. */
export function isField(table: LogTableName, text: string): boolean {
  return readField(table, text) !== undefined;
}

/**
 * The filter for the rows of a group's value, or for all others; undefined for groups that filters do not have.
 * @param value null for the rows without a value
 */
export function filterOf(table: LogTableName, group: string, value: ExploreValue, isOut = false): Chip | undefined {
  const read = readField(table, group);
  if (!read) return undefined;
  const column = read.path.length === 0 ? columnOf(table, read.field) : undefined;
  const text = value === null ? null : String(value);
  if (column?.filter && column.filter !== "range" && !isOut) {
    if (text === null) return { column, operator: "isEmpty", value: "" };
    return { column, operator: text === "" ? "isEmptyText" : "is", value: text };
  }
  if (text === null) return { expression: writeField({ ...read, test: { op: isOut ? "set" : "null" } }) };
  const term = writeField({ ...read, test: text === "" ? { op: "empty" } : { op: "match", pattern: [text] } });
  return { expression: isOut ? `-${term}` : term };
}

/** Whether the values of groups add up to the total. */
export function isAdditive({ fn }: Measure): boolean {
  return fn === "count" || fn === "sum";
}

/** Whether text is a member of a JSON column, as in expressions. */
export function isMember(table: LogTableName, text: string): boolean {
  return (readField(table, text)?.path.length ?? 0) > 0;
}

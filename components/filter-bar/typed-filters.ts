import type { BrowsedTable, Column } from "@/server/catalog";
import { writeField } from "@/server/catalog/filter";
import { filterValueProblem } from "@/server/catalog/filter-values";
import { readExpression } from "./expression";
import { type Chip, comparisonsOf, type Filter, problemOf, readFilter, typedFilter } from "./filters";

/** Longer texts are not parsed as filters. */
const MAX_TEXT_LENGTH = 5_000;
const ONE = /^(-|!)?([^\s=:!<>"&]+)\s*(>=|<=|!=|==|=|:|>|<)\s*(?:"([^"]*)"|(\S(?:.*\S)?))$/s;
const FULL_WIDTH = /(?:^|[\s　])[-－!！]?[^\s　=:!<>"&：＝！＞＜]+[\s　]?[=:!<>：＝！＞＜]{1,2}/gu;
const SEVERAL = /(?:^|\s+)((?:-|!)?[^\s=:!<>"&]+(?:>=|<=|!=|==|=|:|>|<)(?:"[^"]*"|[^\s"]+))/gy;

/**
 * Parses filters that were typed or pasted: `status_code=404`, `status:4xx`, `-os:iOS`, `os != iOS`,
 * `response_time>500`, several of them with spaces or `&` between, or a page's whole query.
 * @param labels the localized column names, which are accepted too
 * @returns undefined if any part of the text is not a filter
 */
export function readTypedFilters(
  table: BrowsedTable,
  text: string,
  labels: Readonly<Record<string, string>>,
): Chip[] | undefined {
  const trimmed = halfWidth(text).trim().replace(/^\?/, "");
  if (trimmed === "" || trimmed.length > MAX_TEXT_LENGTH) return undefined;
  const parts = trimmed.includes("&") ? trimmed.split("&").map(decoded) : (split(trimmed) ?? [trimmed]);
  const filters = parts.map((part) => readPart(table, part, labels));
  return filters.every((found) => found !== undefined) ? filters.flat() : undefined;
}

/** Returns filters that a value without a column could mean: an IP address, a status, a path, then any exact value. */
export function guessFilters(
  table: BrowsedTable,
  text: string,
  labels: Readonly<Record<string, string>> = {},
): Filter[] {
  const value = halfWidth(text).trim();
  if (value === "" || isCondition(table, value, labels)) return [];
  return table.columns
    .flatMap((column): Filter[] => {
      const [operator] = comparisonsOf(column);
      const fits =
        column.filter === "prefix" ? value.startsWith("/") : column.filter !== undefined && column.filter !== "range";
      const filter = operator && fits && typedFilter({ column, operator, value });
      return filter && problemOf(filter, {}) === undefined ? [filter] : [];
    })
    .sort((a, b) => Number(a.column.filter === "exact") - Number(b.column.filter === "exact"));
}

/** Converts full-width punctuation before each value to ASCII: `状态码：5xx` becomes `状态码:5xx`. */
function halfWidth(text: string): string {
  return text.replace(FULL_WIDTH, (part) =>
    part.replace(/[：＝！＞＜－　]/g, (sign) =>
      sign === "　" ? " " : String.fromCharCode(sign.charCodeAt(0) - 0xfee0),
    ),
  );
}

/** Returns whether the text is a condition on a column that does not support it: `user_agent:curl`, `status>=500`. */
function isCondition(table: BrowsedTable, text: string, labels: Readonly<Record<string, string>>): boolean {
  const [, , name = "", sign = ""] = ONE.exec(text) ?? [];
  // A colon also occurs in IPv6 addresses, an equals sign in base64.
  if (!/^[:=]+$/.test(sign)) return /^[\p{L}_]+$/u.test(name);
  const typed = name.toLowerCase();
  return table.columns.some((column) => column.name === typed || labels[column.name]?.toLowerCase() === typed);
}

function split(text: string): string[] | undefined {
  const parts = [...text.matchAll(SEVERAL)];
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  return parts.length > 1 && length === text.length ? parts.map((part) => part[1] ?? "") : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    return part;
  }
}

function readPart(
  table: BrowsedTable,
  text: string,
  labels: Readonly<Record<string, string>>,
): readonly Chip[] | undefined {
  const [, expression] = /^filter=(.*)$/s.exec(text) ?? [];
  if (expression) return readExpression(table, expression);
  const filter = readPresence(table, text, labels) ?? readOne(table, text, labels);
  return filter && [text.includes('"') ? filter : withStars(filter)];
}

/** Converts a value with stars of a column that has no prefix filter: `user:u7*` becomes an expression. */
function withStars(filter: Filter): Chip {
  const pattern = filter.value.split(/(?<!\\)\*/).map((part) => part.replaceAll("\\*", "*"));
  if (filter.column.filter !== "exact" || pattern.length === 1) return filter;
  const expression = writeField({ field: filter.column.name, path: [], test: { op: "match", pattern } });
  return { expression: filter.operator === "isNot" ? `-${expression}` : expression };
}

/** Parses `user_id:null`, `user_id:""` and `user_id:*`; `-` negates the first and last. */
function readPresence(table: BrowsedTable, text: string, labels: Readonly<Record<string, string>>): Filter | undefined {
  const [, minus, name = "", value = ""] = /^(-)?([^\s=:!<>"&]+)\s*:\s*(null|\*|"")$/.exec(text.trim()) ?? [];
  const column = columnNamed(table, name, labels);
  if (!column) return undefined;
  if (value === '""')
    return minus || column.type !== "text" ? undefined : { column, operator: "isEmptyText", value: "" };
  return { column, operator: (value === "null") === (minus === undefined) ? "isEmpty" : "isSet", value: "" };
}

function readOne(table: BrowsedTable, text: string, labels: Readonly<Record<string, string>>): Filter | undefined {
  const [, minus, name = "", sign = "", quoted, bare = ""] = ONE.exec(text.trim()) ?? [];
  const value = quoted ?? bare;
  const isNot = minus !== undefined || sign === "!=";
  if (!isNot && (sign === "=" || sign === ":")) {
    const exact = readFilter(table, name, value);
    if (exact) return exact;
  }
  const column = columnNamed(table, name, labels);
  if (!column) return undefined;
  if (column.filter === "range") return isNot ? undefined : readEnd(column, sign, value);
  if (sign.startsWith(">") || sign.startsWith("<")) return undefined;
  return typedFilter({ column, operator: isNot ? "isNot" : "is", value });
}

function readEnd(column: Column, sign: string, value: string): Filter | undefined {
  if (filterValueProblem(column, value) !== undefined) return undefined;
  const number = Number(value);
  if (sign === ">=") return { column, operator: "min", value };
  if (sign === ">") return { column, operator: "min", value: String(number + 1) };
  if (sign === "<=") return { column, operator: "max", value };
  if (sign === "<" && number > 0) return { column, operator: "max", value: String(number - 1) };
  return undefined;
}

/** Finds the column with this name, label, or unique word of its name: `status` for status_code. */
function columnNamed(table: BrowsedTable, typed: string, labels: Readonly<Record<string, string>>): Column | undefined {
  const name = typed.toLowerCase();
  const columns = table.columns.filter((column) => column.filter !== undefined);
  const exact = columns.find((column) => column.name === name || labels[column.name]?.toLowerCase() === name);
  if (exact) return exact;
  const having = columns.filter((column) => column.name.split("_").includes(name));
  return having.length === 1 ? having[0] : undefined;
}

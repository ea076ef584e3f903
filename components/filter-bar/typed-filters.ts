import type { BrowsedTable, Column } from "@/server/catalog";
import { writeField } from "@/server/catalog/filter";
import { filterValueProblem } from "@/server/catalog/filter-values";
import { isPresence, readExpression } from "./expression";
import { withFieldNames } from "./field-names";
import { type Chip, comparisonsOf, type Filter, isNegative, problemOf, readFilter, typedFilter } from "./filters";

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
  const trimmed = halfWidth(withFieldNames(table, text.trim(), labels)).replace(/^\?/, "");
  if (trimmed === "" || trimmed.length > MAX_TEXT_LENGTH) return undefined;
  const parts = trimmed.includes("&") ? trimmed.split("&").map(decoded) : (split(trimmed) ?? [trimmed]);
  const isQuery = trimmed.includes("&") || text.trim().startsWith("?");
  const filters = parts.map((part) => readPart(table, part, labels, isQuery));
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
  isQuery: boolean,
): readonly Chip[] | undefined {
  const [, expression] = /^filter=(.*)$/s.exec(text) ?? [];
  if (expression) return readExpression(table, expression);
  const filter = readPresence(table, text, labels) ?? readOne(table, text, labels, isQuery);
  return filter && [filter];
}

/**
 * Converts a typed filter. A value with stars that the column's own filter does not support becomes an expression:
 * `user:u7*`, `path:/a*b`. `\*` is a literal star.
 */
export function typedChip(filter: Filter): Chip {
  const { column, operator, value } = filter;
  const pattern = value.split(/(?<!\\)\*/).map((part) => part.replaceAll("\\*", "*"));
  const isPrefix = column.filter === "prefix" && pattern.length === 2 && pattern[1] === "";
  const hasText = column.filter === "exact" || column.filter === "prefix";
  if (!hasText || isPresence(operator) || isPrefix || pattern.length === 1) return typedFilter(filter);
  const isStart = operator === "startsWith" || operator === "notStartsWith";
  const parts = isStart && pattern.at(-1) !== "" ? [...pattern, ""] : pattern;
  const expression = writeField({ field: column.name, path: [], test: { op: "match", pattern: parts } });
  return { expression: isNegative(operator) ? `-${expression}` : expression };
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

/** @param isQuery whether the text is a part of a URL, whose values have their own notation */
function readOne(
  table: BrowsedTable,
  text: string,
  labels: Readonly<Record<string, string>>,
  isQuery: boolean,
): Chip | undefined {
  const [, minus, name = "", sign = "", quoted, bare = ""] = ONE.exec(text.trim()) ?? [];
  const value = quoted ?? bare;
  const isNot = minus !== undefined || sign === "!=";
  if (!isNot && (sign === "=" || sign === ":")) {
    const exact = readFilter(table, name, value);
    if (exact && (isQuery || exact.column.name !== name)) return exact;
  }
  const column = columnNamed(table, name, labels);
  if (!column) return undefined;
  if (column.filter === "range") return isNot ? undefined : readEnd(column, sign, value);
  if (sign.startsWith(">") || sign.startsWith("<")) return undefined;
  const filter: Filter = { column, operator: isNot ? "isNot" : "is", value };
  const isLiteral = isQuery || (quoted !== undefined && column.filter === "exact");
  return isLiteral ? typedFilter(filter) : typedChip(filter);
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

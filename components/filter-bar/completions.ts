import type { BrowsedTable, Column } from "@/server/catalog";
import { type DerivedFieldName, derivedField, derivedFieldsOf } from "@/server/catalog/derived-fields";
import { type FieldTerm, filterTerms, writeField } from "@/server/catalog/filter";

/** The last term of an expression that is being typed. */
export interface TypedTerm {
  /** The text before the term. */
  readonly before: string;
  /** `-` for an excluded term. */
  readonly minus: string;
  /** A field or the beginning of one, as written; otherwise empty. */
  readonly field: string;
  /** The value so far; undefined before the operator. */
  readonly value: string | undefined;
}

/** The options that a user has beside the filters of columns. */
export type FieldOption =
  | { readonly kind: "derived"; readonly field: DerivedFieldName }
  | { readonly kind: "column"; readonly field: string }
  | { readonly kind: "member"; readonly field: string; readonly example: string };

const NAME = String.raw`[^\s:"(),=!<>.]+`;
const KEYS = String.raw`(?:\.(?:"(?:[^"\\]|\\.)*"?|${NAME})?)*`;
const TERM = new RegExp(`^(-?)(${NAME}${KEYS})(?::(.*))?$`, "su");

/** Returns the term at the end of a text. */
export function lastTerm(text: string): TypedTerm {
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /[\s(]/u.test(character)) start = at + 1;
  }
  const [, minus = "", field = "", value] = TERM.exec(text.slice(start)) ?? [];
  return { before: text.slice(0, start), minus, field, value };
}

/** The field whose value is being typed; undefined if the table has none of this name with suggested values. */
export function fieldOfValue(
  table: BrowsedTable,
  { field, value }: TypedTerm,
): Pick<FieldTerm, "field" | "path"> | undefined {
  if (value === undefined) return undefined;
  const [term, ...others] = filterTerms(`${field}:*`) ?? [];
  if (term?.kind !== "field" || others.length > 0) return undefined;
  const column: Column | undefined = table.columns.find(({ name }) => name === term.field);
  if (term.path.length > 0) return column?.type === "jsonb" ? term : undefined;
  if (derivedField(table, term.field)) return term;
  return column && column.filter !== "range" && (column.filter || column.type === "text") ? term : undefined;
}

/** The value so far without quotes and stars, by which suggested values are searched. */
export function searchedValue(value: string): string {
  return value.replace(/["*\\]/g, "");
}

/** The term with a value. */
export function completedTerm({ minus }: TypedTerm, field: Pick<FieldTerm, "field" | "path">, value: string): string {
  return `${minus}${writeField({ ...field, test: { op: "match", pattern: [value] } })}`;
}

/**
 * The fields without parameters that contain a text: derived ones, text columns, and members.
 * @param table without filters on masked columns
 * @param isMasked whether any column is masked; then only fields that derive from columns with parameters are offered
 */
export function fieldOptions(
  table: BrowsedTable,
  members: readonly { readonly field: string; readonly example: string }[],
  needle: string,
  isMasked: boolean,
  labelOf: (field: string) => string,
): FieldOption[] {
  const has = (text: string) =>
    text.toLowerCase().replaceAll('"', "").includes(needle.toLowerCase().replaceAll('"', ""));
  const isOffered = (name: string) => has(name) || has(labelOf(name));
  const hasFilter = (name: string) =>
    table.columns.some((column) => column.name === name && column.filter !== undefined);
  const derived = derivedFieldsOf(table).filter((name) => {
    const column = derivedField(table, name)?.column ?? "";
    return isOffered(name) && (!isMasked || hasFilter(column));
  });
  const texts = table.columns.filter(({ name, type, filter }) => type === "text" && !filter && isOffered(name));
  return [
    ...derived.map((field) => ({ kind: "derived", field }) as const),
    ...(isMasked ? [] : texts.map(({ name }) => ({ kind: "column", field: name }) as const)),
    ...members.filter(({ field }) => has(field)).map((member) => ({ kind: "member", ...member }) as const),
  ];
}

import { isIPv4 } from "node:net";
import { type BrowsedTable, browsedTables } from "@/server/catalog";
import { sourceColumnOf } from "@/server/catalog/derived-fields";
import { type CodedError, type ErrorValue, isCodedError } from "@/server/catalog/errors";
import { FILTER_PARAMETER, type FieldTerm, filterTerms, type TextTerm } from "@/server/catalog/filter";
import { AppError, fieldError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { maskJson, maskRepeated, maskValue } from "./mask-json";
import { HIDDEN, maskAddress, maskAddresses } from "./mask-text";
import { privacySettings } from "./settings";

/** The columns that a principal must not see. */
export interface Mask {
  readonly columns: ReadonlySet<string>;
  /** Part of the cache key of results shared by principals with the same mask. */
  readonly key: string;
}

const NO_MASK: Mask = { columns: new Set(), key: "" };

/** Shorter values occur again by chance. */
const MIN_REPEATED_LENGTH = 6;

/** Returns the mask of `principal`: for viewers what administrators chose, for others none. */
export async function maskFor(ctx: Context, principal: Principal): Promise<Mask> {
  if (principal.role !== "viewer") return NO_MASK;
  const { masked_columns: columns } = await privacySettings(ctx);
  return columns.length === 0 ? NO_MASK : { columns: new Set<string>(columns), key: columns.toSorted().join(",") };
}

/**
 * Masks a row: its masked columns, other occurrences of their values in the row, and JSON members with a personal name
 * or in the form of an address.
 */
export function maskRow<Row extends Readonly<Record<string, unknown>>>(row: Row, { columns }: Mask): Row {
  if (columns.size === 0) return row;
  const repeated = repeatedOf(row, columns);
  const masked = Object.entries(row).map(([name, value]) => {
    if (columns.has(name)) return [name, maskValue(name, value)];
    if (typeof value === "string") return [name, maskRepeated(value, repeated)];
    return [name, typeof value === "object" ? maskJson(value, columns, repeated) : value];
  });
  return Object.fromEntries(masked) as Row;
}

/** The masked values of a row with their replacements; an address also in its numeric form. */
function repeatedOf(row: Readonly<Record<string, unknown>>, columns: ReadonlySet<string>): ReadonlyMap<string, string> {
  const repeated = new Map<string, string>();
  for (const name of columns) {
    const value = row[name];
    if (typeof value !== "string" || value.length < MIN_REPEATED_LENGTH) continue;
    repeated.set(value, name === "ip_address" ? maskAddress(value) : HIDDEN);
    if (isIPv4(value)) repeated.set(String(asNumber(value)), HIDDEN);
  }
  return repeated;
}

function asNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Masks addresses in a text of the application, such as an error. */
export function maskText<Text extends string | null>(text: Text, { columns }: Mask): Text | string {
  return text !== null && columns.has("ip_address") ? maskAddresses(text) : text;
}

/** Like maskText, for the params of an error. */
export function maskError(error: ErrorValue, { columns }: Mask): ErrorValue {
  return columns.has("ip_address") ? { ...error, params: maskParams(error.params) } : error;
}

function maskParams(params: CodedError["params"]): CodedError["params"] {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, maskParam(value)]));
}

function maskParam(value: unknown): unknown {
  if (typeof value === "string") return maskAddresses(value);
  return isCodedError(value) ? { ...value, params: maskParams(value.params) } : value;
}

/** Masks the values of a list's filters. */
export function maskFilters<Value>(
  filters: Readonly<Record<string, Value>>,
  mask: Mask,
): Record<string, Value | typeof HIDDEN> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => {
      const isUnknown = name === FILTER_PARAMETER && typeof value === "string" && filterTerms(value) === undefined;
      const isMasked = isMaskedFilter(name, value, mask) || (isUnknown && mask.columns.size > 0);
      return [name, isMasked ? HIDDEN : value];
    }),
  );
}

/** Masks the payload of a dead letter. It could not be parsed, so masked values cannot be located in it. */
export function maskEvent(payload: string, { columns }: Mask): string {
  return columns.size === 0 ? payload : HIDDEN;
}

function isMaskedFilter(filter: string, value: unknown, { columns }: Mask): boolean {
  if (columns.size === 0) return false;
  if (filter !== FILTER_PARAMETER) return columns.has(filter.replace(/^(?:not|min|max)_/, ""));
  return typeof value === "string" && (filterTerms(value) ?? []).some((term) => isRevealing(term, columns));
}

/**
 * Whether a term can find masked values: of a masked column, or repeated in text and JSON of others. The parameters of
 * lists, such as a value or a prefix of the path, are permitted as expressions too.
 */
function isRevealing(term: FieldTerm | TextTerm, masked: ReadonlySet<string>): boolean {
  if (term.kind === "text" || term.path.length > 0) return true;
  const column = sourceColumnOf(term.field);
  if (masked.has(column)) return true;
  if (!("pattern" in term.test) && !("value" in term.test)) return false;
  const filter = FILTERS.get(column);
  if (filter === undefined) return true;
  const { length } = "pattern" in term.test ? term.test.pattern : [];
  return length > 1 && (filter !== "prefix" || length > 2 || !("pattern" in term.test && term.test.pattern[1] === ""));
}

/** The kinds of filters by column, for all tables. */
const FILTERS = new Map(
  Object.values(browsedTables).flatMap((table: BrowsedTable) =>
    table.columns.map(({ name, filter }) => [name, filter]),
  ),
);

/**
 * Rejects filters on masked columns, because values could be guessed filter by filter.
 * @throws AppError FORBIDDEN that names the filters
 */
export function refuseMaskedFilters(filters: Readonly<Record<string, string>> | undefined, mask: Mask): void {
  const names = Object.entries(filters ?? {}).flatMap(([name, value]) =>
    isMaskedFilter(name, value, mask) ? [name] : [],
  );
  if (names.length === 0) return;
  throw new AppError(
    "privacy.masked_filter",
    { names: names.join(", ") },
    { errors: names.map((path) => fieldError(path, "input.masked", {})) },
  );
}

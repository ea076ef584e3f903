import { isIPv4 } from "node:net";
import { FILTER_PARAMETER, filterFields } from "@/server/catalog/filter";
import { AppError } from "@/server/lib/errors";
import type { Context, Principal } from "@/server/process/context";
import { maskJson, maskRepeated, maskValue } from "./mask-json";
import { HIDDEN, maskAddress, maskAddresses } from "./mask-text";
import { privacySettings } from "./settings";

/** What somebody does not see. */
export interface Mask {
  readonly columns: ReadonlySet<string>;
  /** Part of the key of whatever is kept for others with the same mask. */
  readonly key: string;
}

const NO_MASK: Mask = { columns: new Set(), key: "" };

/** Shorter ones come again by chance. */
const SHORTEST_REPEATED = 6;

/** What `principal` does not see: of viewers what administrators chose, of others nothing. */
export async function maskFor(ctx: Context, principal: Principal): Promise<Mask> {
  if (principal.role !== "viewer") return NO_MASK;
  const { masked_columns: columns } = await privacySettings(ctx);
  return columns.length === 0 ? NO_MASK : { columns: new Set<string>(columns), key: columns.toSorted().join(",") };
}

/**
 * The row as one with `mask` sees it: without its masked values, wherever else in it they come again, and without what
 * its JSON says under such a name or in the form of an address.
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

/** The masked values of a row, an address also as a number, with what takes their place. */
function repeatedOf(row: Readonly<Record<string, unknown>>, columns: ReadonlySet<string>): ReadonlyMap<string, string> {
  const repeated = new Map<string, string>();
  for (const name of columns) {
    const value = row[name];
    if (typeof value !== "string" || value.length < SHORTEST_REPEATED) continue;
    repeated.set(value, name === "ip_address" ? maskAddress(value) : HIDDEN);
    if (isIPv4(value)) repeated.set(String(asNumber(value)), HIDDEN);
  }
  return repeated;
}

function asNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** A text of ours, such as an error, without the addresses that it may repeat. */
export function maskText<Text extends string | null>(text: Text, { columns }: Mask): Text | string {
  return text !== null && columns.has("ip_address") ? maskAddresses(text) : text;
}

/** The filters of a list, with those values hidden that are masked. */
export function maskFilters(filters: Readonly<Record<string, unknown>>, mask: Mask): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [name, isMaskedFilter(name, value, mask) ? HIDDEN : value]),
  );
}

/** The event of a dead letter: it could not be read, so nobody knows where in it a masked value is. */
export function maskEvent(payload: string, { columns }: Mask): string {
  return columns.size === 0 ? payload : HIDDEN;
}

/** The column that a filter narrows by: `not_ip_address` -> `ip_address`. */
function columnsOf(filter: string, value: unknown): string[] {
  if (filter === FILTER_PARAMETER) return typeof value === "string" ? filterFields(value) : [];
  return [filter.replace(/^(?:not|min|max)_/, "")];
}

function isMaskedFilter(filter: string, value: unknown, { columns }: Mask): boolean {
  return columns.size > 0 && columnsOf(filter, value).some((column) => columns.has(column));
}

/**
 * Refuses to narrow by what is masked: who may not see a value could guess it, filter by filter.
 * @throws AppError FORBIDDEN that names the filters
 */
export function refuseMaskedFilters(filters: Readonly<Record<string, string>> | undefined, mask: Mask): void {
  const names = Object.entries(filters ?? {}).flatMap(([name, value]) =>
    isMaskedFilter(name, value, mask) ? [name] : [],
  );
  if (names.length === 0) return;
  throw new AppError("FORBIDDEN", `${names.join(", ")}: masked for viewers, who cannot filter by it either.`, {
    errors: names.map((path) => ({ path, message: "masked for viewers" })),
  });
}

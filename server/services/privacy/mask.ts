import { isIP } from "node:net";
import { PERSONAL_COLUMNS, type PersonalColumn } from "@/server/catalog";
import { FILTER_PARAMETER, filterFields } from "@/server/catalog/filter";
import type { Context, Principal } from "@/server/context";
import { AppError } from "@/server/errors";
import { privacySettings } from "./settings";

/** What somebody does not see. */
export interface Mask {
  readonly columns: ReadonlySet<string>;
  /** Part of the key of whatever is kept for others with the same mask. */
  readonly key: string;
}

const NO_MASK: Mask = { columns: new Set(), key: "" };

const HIDDEN = "***";

/** What `principal` does not see: of viewers what administrators chose, of others nothing. */
export async function maskFor(ctx: Context, principal: Principal): Promise<Mask> {
  if (principal.role !== "viewer") return NO_MASK;
  const { masked_columns: columns } = await privacySettings(ctx);
  return columns.length === 0 ? NO_MASK : { columns: new Set<string>(columns), key: columns.toSorted().join(",") };
}

/** The row as one with `mask` sees it, what its JSON says under such a name included. */
export function maskRow<Row extends Readonly<Record<string, unknown>>>(row: Row, { columns }: Mask): Row {
  if (columns.size === 0) return row;
  const masked = Object.entries(row).map(([name, value]) => {
    if (columns.has(name)) return [name, maskValue(name, value)];
    return [name, typeof value === "object" ? maskJson(value, columns) : value];
  });
  return Object.fromEntries(masked) as Row;
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

/** An address keeps its network, which tells of a provider and a region and of no person; else nothing is left. */
function maskValue(column: string, value: unknown): unknown {
  if (value === null || value === undefined || value === "") return value;
  return column === "ip_address" ? maskAddress(String(value)) : HIDDEN;
}

function maskAddress(address: string): string {
  const version = isIP(address);
  if (version === 4 || (version === 6 && address.includes("."))) return address.replace(/\d+$/, HIDDEN);
  return version === 6 ? `${site(address)}:${HIDDEN}` : HIDDEN;
}

/** The first 48 bits of an IPv6 address: what a provider gives to one customer is a part of it. */
function site(address: string): string {
  const [before = "", after] = address.split("::");
  const groups = before === "" ? [] : before.split(":");
  return (after === undefined ? groups : [...groups, "0", "0", "0"]).slice(0, 3).join(":");
}

/** Other spellings of a personal column, in lower case and without what is no letter. */
const SPELLINGS: Readonly<Record<PersonalColumn, RegExp>> = {
  ip_address: /^ip$|ipaddress$|(?:client|source|src|remote|real|user)ip$|remoteaddr(?:ess)?$|forwardedfor$/,
  user_agent: /^ua$|useragent$/,
  session_id: /^sid$|^session$|sessionid$/,
};

/** Levels; below them there is nothing but braces. */
const DEEPEST = 64;

function maskJson(value: unknown, columns: ReadonlySet<string>, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => maskJson(item, columns, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const letters = key.toLowerCase().replace(/[^a-z]/g, "");
      const column = PERSONAL_COLUMNS.find((name) => columns.has(name) && SPELLINGS[name].test(letters));
      return [key, column ? maskValue(column, inner) : maskJson(inner, columns, depth + 1)];
    }),
  );
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

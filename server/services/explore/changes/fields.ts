import type { SQL } from "drizzle-orm";
import { type LogTable, logTables } from "@/server/catalog";
import { derivedFieldsOf } from "@/server/catalog/derived-fields";
import { FILTER_PARAMETER } from "@/server/catalog/filter";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { suggestMembers } from "@/server/services/logs";
import { type Mask, refuseMaskedFilters } from "@/server/services/privacy";
import { type ExploreField, groupField } from "../fields";
import type { Selection } from "../rows";
import { zoneOf } from "../zone";

/** Of fields whose values have the same rows, the first one describes them. Others are after these, a status last. */
export const BEST_FIRST = [
  ...["ip_address", "user_id", "route", "request_path", "action", "ip_block", "region", "city", "country"],
  ...["browser", "os", "device_type", "is_bot", "referer_host", "user_agent", "referer", "session_id"],
];
const STATUS = new Set(["status_code", "status_class"]);
const MAX_MEMBERS = 6;
/** Members that fewer rows have are not compared. */
const MIN_SHARE = 0.2;

export interface ComparedField {
  readonly field: string;
  readonly priority: number;
  readonly isStatus: boolean;
  /** The columns of the table that `value` reads. */
  readonly columns: readonly string[];
  readonly value: SQL;
  /** Converts a value for the answer. */
  readonly show: (value: string) => string;
}

/** No compared field is a time. */
const ZONE = zoneOf("UTC", "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z");

/** The fields whose values are compared: those that `mask` permits, and the most frequent JSON members of the period. */
export async function comparedFields(
  ctx: Context,
  selection: Selection,
  end: string,
  mask: Mask,
): Promise<ComparedField[]> {
  const table: LogTable = logTables[selection.table];
  const columns = table.columns.flatMap(({ name, type }) => (type === "text" || type === "inet" ? [name] : []));
  const status = table.columns.flatMap(({ name, filter }) => (filter === "status" ? [name] : []));
  const block = table.columns.some(({ isAddress }) => isAddress) ? ["ip_block"] : [];
  const members = mask.columns.size > 0 ? [] : await membersOf(ctx, selection, end);
  return [...derivedFieldsOf(table), ...columns, ...status, ...block, ...members].flatMap((field) => {
    const expression = groupField(table, field);
    if (!expression || isMasked(expression, mask)) return [];
    const rank = BEST_FIRST.indexOf(field);
    const isStatus = STATUS.has(field);
    const { columns: read, value, show } = expression;
    const priority = isStatus ? 100 : rank === -1 ? BEST_FIRST.length : rank;
    return [
      { field, priority, isStatus, columns: read, value: value(ZONE), show: (key) => String(show?.(key) ?? key) },
    ];
  });
}

async function membersOf(ctx: Context, { table, filter, filters }: Selection, end: string): Promise<string[]> {
  const conditions = { ...filters, ...(filter?.trim() ? { [FILTER_PARAMETER]: filter } : {}) };
  const { members } = await suggestMembers(ctx, table, { filters: conditions, end_date: end });
  return members
    .filter(({ share }) => share >= MIN_SHARE)
    .slice(0, MAX_MEMBERS)
    .map(({ field }) => field);
}

function isMasked({ example, columns }: ExploreField, mask: Mask): boolean {
  if (columns.some((column) => mask.columns.has(column))) return true;
  if (example === undefined) return false;
  try {
    refuseMaskedFilters({ [FILTER_PARAMETER]: example }, mask);
    return false;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

import { type BrowsedTable, type BrowsedTableName, browsedTables } from "@/server/catalog";
import type { FieldError } from "@/server/catalog/errors";
import { AppError, fieldError, invalidInput } from "@/server/lib/errors";
import { parseRangeStart } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { readSelection } from "./archived";
import { type FoundRows, PACE, searchColumns } from "./columnar/search";
import type { LogPage, LogQuery, LogRow, RowCount } from "./contract";
import { countRows, isForColumns } from "./count";
import { cursorPaginate, type FindRequest } from "./cursor-paginate";
import type { ReadFilters } from "./filters";
import { isTimeout, tooSlow } from "./limits";
import { logSource } from "./paged-source";
import { searchRows } from "./search-rows";

/** A larger OFFSET would scan more rows than anyone pages through; cursors are not limited. */
const MAX_OFFSET = 1_000_000;

/** Archived rows have no index of their positions: all rows before the page are read. */
const MAX_ARCHIVED_OFFSET = 10_000;

/** Milliseconds. */
const SEARCH_MS = 10_000;

/**
 * Returns one page of a log table: by keyset on (created_at, id), forward or backward by cursor, from a time, or by
 * page number.
 * @throws AppError UNPROCESSABLE for a value out of range and for a query that takes too long, BAD_REQUEST for a cursor
 * of another list
 */
export async function listLogs(ctx: Context, tableName: BrowsedTableName, query: LogQuery): Promise<LogPage> {
  const table = browsedTables[tableName];
  const pageSize = query.page_size ?? ctx.config.defaultPageSize;
  const at = checkPaging(ctx, query, pageSize);
  const source = logSource(table);
  const filters = readSelection(ctx, table, query);
  const conditions = [...filters.range, ...filters.columns];
  const page = query.cursor === undefined && at === undefined ? (query.page ?? 1) : null;
  const counting = query.count ?? (page === null ? "none" : "estimate");
  const [rows, total] = await Promise.all([
    cursorPaginate<LogRow>(ctx, source, {
      conditions,
      isAdHoc: filters.isAdHoc,
      find: (search) => findRows(ctx, table, filters, search),
      isProgressive: query.is_progressive,
      maxFound: filters.archived && Number.POSITIVE_INFINITY,
      scope: [
        query.start_date ?? null,
        query.end_date ?? null,
        Object.entries(query.filters ?? {}).sort(),
        ...(filters.archived ? ["archived"] : []),
      ],
      descending: (query.sort ?? "-created_at") === "-created_at",
      pageSize,
      cursor: query.cursor,
      at,
      offset: page === null ? 0 : (page - 1) * pageSize,
    }),
    counting === "none" ? null : countUnlessTooSlow(ctx, table, filters, counting),
  ]);
  return {
    ...rows,
    total: total?.count ?? null,
    total_is_exact: total?.is_exact ?? false,
    page,
    page_size: pageSize,
    total_pages: total && Math.max(1, Math.ceil(total.count / pageSize)),
  };
}

/** Finds rows by indexes, or in columns if no index finds few rows; undefined if the order of the list is as good. */
export async function findRows(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  search: FindRequest,
): Promise<FoundRows | undefined> {
  const source = logSource(table);
  if (await isForColumns(ctx, table, filters)) {
    const { isProgressive, ...request } = search;
    const paced = { ...request, filters, pace: isProgressive ? PACE : undefined };
    const found = await searchColumns(ctx, table, source, paced, SEARCH_MS).catch((error: unknown) => {
      throw isTimeout(error) ? tooSlow(error) : error;
    });
    if (found) return found;
  }
  return filters.indexed && { rows: await searchRows(ctx, source, { ...search, filters }) };
}

/** @returns null if archived rows are too many to count in time */
async function countUnlessTooSlow(...request: Parameters<typeof countRows>): Promise<RowCount | null> {
  try {
    return await countRows(...request);
  } catch (error) {
    if (error instanceof AppError && error.code === "query.timeout") return null;
    throw error;
  }
}

/** @returns `at` as an Instant */
function checkPaging(ctx: Context, query: LogQuery, pageSize: number): string | undefined {
  const { maxPageSize, timeZone } = ctx.config;
  const maxOffset = query.include_archived ? MAX_ARCHIVED_OFFSET : MAX_OFFSET;
  const problems: FieldError[] = [];
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
    problems.push(fieldError("page_size", "input.number", { min: 1, max: maxPageSize }));
  }
  if (query.page !== undefined) {
    if (query.cursor !== undefined) problems.push(fieldError("page", "input.one_start", {}));
    if (!Number.isInteger(query.page) || query.page < 1) {
      problems.push(fieldError("page", "input.number", { min: 1, max: MAX_OFFSET }));
    } else if (query.page * pageSize > maxOffset)
      problems.push(fieldError("page", "input.too_deep", { row: maxOffset }));
  }
  const at = query.at === undefined ? undefined : parseRangeStart(query.at, timeZone);
  if (query.at !== undefined) {
    if (at === undefined) problems.push(fieldError("at", "input.not_time", {}));
    if (query.cursor !== undefined || query.page !== undefined) problems.push(fieldError("at", "input.one_start", {}));
  }
  if (problems.length > 0) throw invalidInput(problems);
  return at;
}

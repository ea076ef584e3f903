import { type SQL, sql } from "drizzle-orm";
import type { PreparedOptions } from "@/server/db/prepared";
import { openCursor, sealCursor } from "@/server/lib/cursor";
import type { Context } from "@/server/process/context";
import { readManyRows, readRows } from "./limits";
import { shortColumnList, withinBytes } from "./page-bytes";
import { type PagedSource, readRow, where } from "./paged-source";

export interface CursorPageRequest extends PreparedOptions {
  readonly conditions: readonly SQL[];
  /** Identifies the conditions: a cursor is only valid for the same ones. */
  readonly scope: unknown;
  readonly descending: boolean;
  readonly pageSize: number;
  readonly cursor?: string;
  /** Starts at this value of the sort key: the first row at or after it in the list's order. */
  readonly at?: string;
  /** Rows to skip, for page numbers. */
  readonly offset?: number;
  /**
   * Finds the first rows by other means than the index of the order, which might have to scan all rows; undefined if it
   * cannot.
   */
  readonly find?: (search: FindRequest) => Promise<FoundRows | undefined>;
  /** Whether a page may have fewer rows than exist, with a cursor that continues the search. */
  readonly isProgressive?: boolean;
  /** Up to this many rows are found individually; larger offsets use OFFSET. */
  readonly maxFound?: number;
}

export interface FindRequest {
  /** The rows after the start; undefined for all. */
  readonly start?: SQL;
  /** The value of the first sort key at the start. */
  readonly at?: string;
  readonly ascending: boolean;
  readonly limit: number;
  /** Whether the search may end early. */
  readonly isProgressive?: boolean;
}

interface FoundRows {
  readonly rows: readonly Record<string, unknown>[];
  /** Set if the search ended early, at this value of the first sort key. */
  readonly searchedTo?: string;
}

const MAX_FOUND = 1_001;

export interface CursorPage<Row> {
  readonly items: Row[];
  readonly has_next: boolean;
  readonly has_prev: boolean;
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** 1-based position of the first item in the list; null when the walk did not begin at the start. */
  readonly first_row: number | null;
  /** Set if the search ended early, in a progressive page: where it continues, and up to where all rows were found. */
  readonly search?: { readonly cursor: string; readonly searched_to: string };
}

/** The start of a page, in reading direction. */
interface Position {
  readonly direction: "next" | "prev";
  /** `at`: rows equal to the values belong to the page. */
  readonly bound: "at" | "behind";
  /** Whether the search of a page continues there. */
  readonly isContinued?: boolean;
  /** 1-based position of the nearest row, if known. */
  readonly place: number | null;
  /** Values of the sort keys, or of the first of them. */
  readonly values: readonly string[];
}

/**
 * Returns one page of a list by keyset, forward or backward. A walk returns every remaining row exactly once,
 * regardless of concurrent inserts and deletes. An empty page still leads back. A page with very long values has fewer
 * rows by cursor, and truncated values otherwise (page-bytes.ts).
 * @throws AppError BAD_REQUEST for a cursor of another list, scope or order
 */
export async function cursorPaginate<Row extends object>(
  ctx: Context,
  source: PagedSource,
  request: CursorPageRequest,
): Promise<CursorPage<Row>> {
  const { descending, pageSize, cursor, at, offset = 0 } = request;
  const scope = JSON.stringify([source.name, source.sortKeys, descending, request.scope]);
  const start = cursor === undefined ? startAt(at) : openPosition(ctx.secret, scope, cursor);
  const backward = start?.direction === "prev";
  const ascending = descending === backward;
  const [first, isAnyBehind] = await Promise.all([
    firstRows(ctx, source, request, { start, ascending, limit: pageSize + 1, offset, isPage: true }),
    start !== undefined &&
      (start.isContinued || isOfRow(source, start) || isAny(ctx, source, request, reversed(start))),
  ]);
  const { rows: found, searchedTo } = first;
  const isPastEnd = found.length === 0 && offset > 0;
  const origin = isPastEnd ? await endOf(ctx, source, request) : start;
  const page = found.slice(0, pageSize);
  // A cursor continues from any row; a page number starts at a fixed one.
  const shown = await withinBytes(ctx, source, page, cursor === undefined ? "shorten" : "cut");
  const isCut = found.length > shown.length;
  const search = isCut ? undefined : searchedTo;
  const more = isCut || search !== undefined;
  const items = shown.map((row) => ({
    ...readRow<Record<string, unknown>>(source.columns, row),
    ...(row.archived === true && { archived: true }),
  }));
  if (backward) items.reverse();

  const hasNext = backward ? isAnyBehind : more;
  const hasPrev = backward ? more : isAnyBehind || (isPastEnd ? origin !== undefined : offset > 0);
  const firstRow = placeOfFirst({ start, count: items.length, hasPrev, offset });
  const continuation =
    search === undefined
      ? undefined
      : sealPosition(ctx.secret, scope, {
          direction: backward ? "prev" : "next",
          bound: ascending ? "at" : "behind",
          isContinued: true,
          place: backward ? null : firstRow && firstRow + items.length,
          values: [search],
        });
  const beyond = (direction: Position["direction"], row: Record<string, unknown> | undefined, place: number | null) => {
    const position = row ? behindRow(source, row, direction, place) : origin && reversed(origin);
    return position ? sealPosition(ctx.secret, scope, position) : null;
  };
  return {
    items: items as Row[],
    has_next: hasNext,
    has_prev: hasPrev,
    next_cursor: hasNext
      ? ((backward ? undefined : continuation) ?? beyond("next", items.at(-1), firstRow && firstRow + items.length))
      : null,
    prev_cursor: hasPrev
      ? ((backward ? continuation : undefined) ?? beyond("prev", items[0], firstRow && firstRow - 1))
      : null,
    first_row: items.length === 0 ? null : firstRow,
    ...(continuation !== undefined &&
      search !== undefined && { search: { cursor: continuation, searched_to: search } }),
  };
}

async function firstRows(
  ctx: Context,
  source: PagedSource,
  { conditions, find, maxFound = MAX_FOUND, isAdHoc, isProgressive }: CursorPageRequest,
  page: { start: Position | undefined; ascending: boolean; limit: number; offset: number; isPage?: boolean },
): Promise<FoundRows> {
  const { start, ascending, limit, offset } = page;
  if (find && offset + limit <= maxFound) {
    const condition = start && behind(source, start, ascending);
    const found = await find({
      start: condition,
      at: start?.values[0],
      ascending,
      limit: offset + limit,
      isProgressive: isProgressive && page.isPage && offset === 0,
    });
    if (found) return { ...found, rows: found.rows.slice(offset) };
  }
  const statement = pageStatement(source, conditions, start, ascending, limit, offset);
  return { rows: await (find ? readManyRows : readRows)(ctx, statement, { isAdHoc }) };
}

function startAt(at: string | undefined): Position | undefined {
  return at === undefined ? undefined : { direction: "next", bound: "at", place: null, values: [at] };
}

function behindRow(
  source: PagedSource,
  row: Record<string, unknown>,
  direction: Position["direction"],
  place: number | null,
): Position {
  return { direction, bound: "behind", place, values: source.sortKeys.map((key) => String(row[key])) };
}

/** Whether the row before the position was on a page. Not the case for a start time, or after an empty page. */
function isOfRow({ sortKeys }: PagedSource, { bound, values }: Position): boolean {
  return bound === "behind" && values.length === sortKeys.length;
}

/** Reverses the direction at the same point: what was after it is now at or before it. */
function reversed({ direction, bound, place, values }: Position): Position {
  const isForward = direction === "next";
  return {
    direction: isForward ? "prev" : "next",
    bound: bound === "at" ? "behind" : "at",
    place: place && place + (isForward ? -1 : 1),
    values,
  };
}

function placeOfFirst(page: {
  start: Position | undefined;
  count: number;
  hasPrev: boolean;
  offset: number;
}): number | null {
  const { start, count, hasPrev, offset } = page;
  if (!hasPrev) return 1;
  if (!start) return offset + 1;
  if (start.place === null || start.direction === "next") return start.place;
  // Because of concurrent inserts, fewer rows may precede the page than its size.
  const place = start.place - count + 1;
  return place > 1 ? place : null;
}

function pageStatement(
  source: PagedSource,
  conditions: readonly SQL[],
  start: Position | undefined,
  ascending: boolean,
  limit: number,
  offset: number,
): SQL {
  const order = ascending ? sql.raw("asc") : sql.raw("desc");
  const orderBy = source.sortKeys.map((key) => sql`${sql.identifier(key)} ${order}`);
  return sql`
    select ${shortColumnList(source.columns)}
    from ${source.from}
    ${where(start ? [...conditions, behind(source, start, ascending)] : conditions)}
    order by ${sql.join(orderBy, sql`, `)}
    limit ${sql.raw(String(limit))}
    offset ${sql.raw(String(offset))}`;
}

function behind(source: PagedSource, { bound, values }: Position, ascending: boolean): SQL {
  const keys = source.sortKeys.slice(0, values.length);
  const operator = sql.raw((ascending ? ">" : "<") + (bound === "at" ? "=" : ""));
  const parameters = keys.map((key, index) => {
    const type = source.columns.find(({ name }) => name === key)?.type ?? "text";
    return sql`${values[index]}::${sql.raw(type)}`;
  });
  const names = keys.map((key) => sql.identifier(key));
  // PostgreSQL's planner does not treat a row of one column as a row.
  if (keys.length === 1) return sql`${names[0]} ${operator} ${parameters[0]}`;
  // The first key is repeated, because partitions are only pruned by single columns.
  const first = sql`${names[0]} ${sql.raw(ascending ? ">=" : "<=")} ${parameters[0]}`;
  return sql`${first} and (${sql.join(names, sql`, `)}) ${operator} (${sql.join(parameters, sql`, `)})`;
}

async function isAny(ctx: Context, source: PagedSource, request: CursorPageRequest, start: Position): Promise<boolean> {
  const ascending = request.descending === (start.direction === "prev");
  const found = await firstRows(ctx, source, request, { start, ascending, limit: 1, offset: 0 });
  return found.rows.length > 0;
}

/** The position after the last row; undefined for an empty list. */
async function endOf(ctx: Context, source: PagedSource, request: CursorPageRequest): Promise<Position | undefined> {
  const fromEnd = { start: undefined, ascending: request.descending, limit: 1, offset: 0 };
  const {
    rows: [last],
  } = await firstRows(ctx, source, request, fromEnd);
  return last && behindRow(source, readRow(source.columns, last), "next", null);
}

const CONTINUED = "*";

function sealPosition(secret: string, scope: string, position: Position): string {
  const { direction, bound, isContinued, place, values } = position;
  return sealCursor(secret, scope, [
    direction,
    isContinued ? `${bound}${CONTINUED}` : bound,
    place === null ? "" : String(place),
    ...values,
  ]);
}

function openPosition(secret: string, scope: string, cursor: string): Position {
  const [direction, bound = "", place = "", ...values] = openCursor(secret, scope, cursor);
  return {
    direction: direction === "prev" ? "prev" : "next",
    bound: bound.startsWith("at") ? "at" : "behind",
    isContinued: bound.endsWith(CONTINUED),
    place: place === "" ? null : Number(place),
    values,
  };
}

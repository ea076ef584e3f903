import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { BLOCK_ROWS } from "@/server/services/segment-blocks";
import type { TimeRange } from "@/server/services/segment-files";
import type { ReadFilters } from "../filters";
import { readRows } from "../limits";
import { shortColumnList } from "../page-bytes";
import { type PagedSource, where } from "../paged-source";
import { archivedColumns, archivedRow } from "./archived-row";
import { type ColumnarPlan, inColumns } from "./plan";
import { dirtyRows, validRows } from "./valid-rows";

export interface ColumnarSearch {
  readonly filters: ReadFilters;
  /** The condition at which the search starts, valid in both dialects; undefined for the end of the list. */
  readonly start?: SQL;
  /** A time that is not behind `start`. */
  readonly at?: Instant;
  readonly ascending: boolean;
  readonly limit: number;
}

type FoundRow = Record<string, unknown>;
interface Key {
  readonly created_at: Instant;
  readonly id: string;
  /** The row itself, if it is archived. */
  readonly archived?: FoundRow;
}

/** Rows next to the start that are read from PostgreSQL first, which finds common values immediately. */
const NEAR_ROWS = 1_000;
/** Rows of the first window. Each window is larger by the factor. */
const WINDOW_ROWS = 200_000;
const GROWTH = 5;
const MIN_WINDOW_MS = 60_000;

/**
 * Returns the first matching rows of a log table in the order of (created_at, id): their keys from columns where they are
 * clean, in windows of time that begin at the start, and the rows by key from PostgreSQL in the same snapshot.
 * @returns undefined if columns cannot answer
 * @throws an error for which isTimeout is true
 */
export async function searchColumns(
  ctx: Context,
  table: BrowsedTable,
  source: PagedSource,
  search: ColumnarSearch,
  milliseconds: number,
): Promise<FoundRow[] | undefined> {
  const { archived, blocks } = search.filters;
  if (!archived) {
    const near = await readNear(ctx, source, search);
    if (near.length >= search.limit) return near;
  }
  return await inColumns(ctx, table, { ...rangeOf(search), blocks, archived }, milliseconds, async (plan) => {
    const keys: Key[] = [];
    for (const window of windowsOf(plan, search)) {
      plan.signal.throwIfAborted();
      keys.push(...(await keysIn(ctx, plan, source, search, window, search.limit - keys.length)));
      if (keys.length >= search.limit) break;
    }
    return await rowsOf(plan, source, keys);
  });
}

async function readNear(ctx: Context, source: PagedSource, search: ColumnarSearch): Promise<FoundRow[]> {
  const { filters, start, ascending, limit } = search;
  const conditions = start ? [...filters.range, start] : filters.range;
  return await readRows(
    ctx,
    sql`
      select ${shortColumnList(source.columns)}
      from (
        select * from ${source.from} ${where(conditions)} ${inOrder(ascending)} limit ${sql.raw(String(NEAR_ROWS))}
      ) as near
      ${where(filters.columns)}
      ${inOrder(ascending)}
      limit ${sql.raw(String(limit))}`,
    filters,
  );
}

/** The time range of the filters behind the start. */
function rangeOf({ filters: { from, before }, at, ascending }: ColumnarSearch): { from?: Instant; before?: Instant } {
  if (at === undefined) return { from, before };
  if (ascending) return { from: from === undefined || at > from ? at : from, before };
  const next = instantOf(new Date(Date.parse(at) + 1));
  return { from, before: before === undefined || next < before ? next : before };
}

/**
 * Divides the covered time into windows, from the start of the search. Most blocks with a searched word have a match, so
 * the first window has as many of them as rows are requested.
 */
function* windowsOf(plan: ColumnarPlan, { ascending, limit }: ColumnarSearch): Generator<TimeRange> {
  const archives = plan.archived?.parts ?? [];
  const clean = [...plan.parts.flatMap(({ ranges }) => ranges), ...archives.map(({ range }) => range)];
  const covered = [...clean, ...plan.dirty];
  if (covered.length === 0) return;
  const rowCount = archives.reduce((sum, part) => sum + part.rowCount, plan.rowCount);
  const rows = plan.rowCount < plan.coveredRows ? Math.min(WINDOW_ROWS, limit * BLOCK_ROWS) : WINDOW_ROWS;
  const length = clean.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  let span = Math.max(MIN_WINDOW_MS, (length * rows) / Math.max(1, rowCount));
  const first = covered.reduce((time, { from }) => (from < time ? from : time), covered[0]?.from ?? "");
  const last = covered.reduce((time, { to }) => (to > time ? to : time), "");
  const inOrder = clean.sort((one, other) => (ascending ? compare(one.from, other.from) : compare(other.to, one.to)));
  let edge = ascending ? first : last;
  let left = span;
  for (const range of inOrder) {
    for (;;) {
      const begin = ascending ? later(range.from, edge) : earlier(range.to, edge);
      const end = ascending ? range.to : range.from;
      const size = Math.max(0, ascending ? Date.parse(end) - Date.parse(begin) : Date.parse(begin) - Date.parse(end));
      if (size <= left) {
        left -= size;
        break;
      }
      const cut = instantOf(new Date(Date.parse(begin) + (ascending ? left : -left)));
      yield ascending ? { from: edge, to: cut } : { from: cut, to: edge };
      edge = cut;
      span *= GROWTH;
      left = span;
    }
  }
  yield ascending ? { from: edge, to: last } : { from: first, to: edge };
}

const compare = (one: Instant, other: Instant) => (one < other ? -1 : one > other ? 1 : 0);
const later = (one: Instant, other: Instant) => (one > other ? one : other);
const earlier = (one: Instant, other: Instant) => (one < other ? one : other);

/** Returns the first keys of a window, in order. */
async function keysIn(
  ctx: Context,
  plan: ColumnarPlan,
  { from: table, columns }: PagedSource,
  { filters, start, ascending }: ColumnarSearch,
  window: TimeRange,
  limit: number,
): Promise<Key[]> {
  const { db, parts, dirty, archived, signal, filesOf } = plan;
  const first = sql`${inOrder(ascending)} limit ${sql.raw(String(limit))}`;
  const started = start ? [start] : [];
  const files = await filesOf(parts.filter(({ ranges }) => ranges.some((range) => overlap(range, window))));
  const changed = dirty.flatMap((range) => overlap(range, window) ?? []);
  const fromColumns =
    files.length === 0
      ? []
      : ctx.columnar.query(
          sql`
            select created_at, id
            from ${validRows(files, clip(window, filters), [...started, ...filters.columnar])}
            ${first}`,
          { signal },
        );
  const fromPostgres =
    changed.length === 0
      ? []
      : db.execute(sql`
          select changed.created_at, changed.id
          from ${dirtyRows(
            changed,
            (inRange) => sql`
              select created_at, id
              from ${table}
              where ${sql.join([inRange, ...filters.range, ...started, ...filters.columns], sql` and `)}
              ${first}`,
          )}
          order by ${ascending ? sql`1, 2` : sql`1 desc, 2 desc`}
          limit ${sql.raw(String(limit))}`);
  const fromArchives = archived?.parts.some(({ range }) => overlap(range, window))
    ? ctx.columnar.query(
        sql`
          select ${archivedColumns(columns)}
          from ${validRows([], clip(window, filters), [...started, ...filters.columnar], [archived.select])}
          ${first}`,
        { signal },
      )
    : [];
  const [clean, changedRows, archivedRows] = await Promise.all([fromColumns, fromPostgres, fromArchives]);
  const keys = [...clean, ...changedRows].map(keyOf);
  for (const row of archivedRows) keys.push({ ...keyOf(row), archived: archivedRow(columns, row) });
  keys.sort(compareKeys);
  return (ascending ? keys : keys.reverse()).slice(0, limit);
}

/** Reads the rows with these keys. @throws AppError if one does not exist: then a file is not what it should be */
async function rowsOf({ db }: ColumnarPlan, source: PagedSource, keys: readonly Key[]): Promise<FoundRow[]> {
  const stored = keys.filter(({ archived }) => !archived);
  const times = sql`${`{${stored.map((key) => key.created_at).join(",")}}`}::timestamptz[]`;
  const ids = sql`${`{${stored.map(({ id }) => id).join(",")}}`}::uuid[]`;
  const rows =
    stored.length === 0
      ? []
      : await db.execute(sql`
    select ${shortColumnList(source.columns)}
    from ${source.from}
    where created_at = any(${times}) and (created_at, id) in (select * from unnest(${times}, ${ids}))`);
  const found = new Map(rows.map((row) => [JSON.stringify(keyOf(row)), row]));
  return keys.map((key) => {
    const row = key.archived ?? found.get(JSON.stringify(key));
    if (!row) throw new AppError("columnar.segment_damaged", {}, { cause: new Error("a row is not in the table") });
    return row;
  });
}

function keyOf(row: FoundRow): Key {
  const time = String(row.created_at);
  return { created_at: time.includes("T") ? time : toIsoMicroseconds(time), id: String(row.id) };
}

function compareKeys(one: Key, other: Key): number {
  if (one.created_at !== other.created_at) return one.created_at < other.created_at ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** The common part of two ranges; undefined if there is none. */
function overlap(one: TimeRange, other: TimeRange): TimeRange | undefined {
  const from = one.from > other.from ? one.from : other.from;
  const to = one.to < other.to ? one.to : other.to;
  return from < to ? { from, to } : undefined;
}

function clip(window: TimeRange, { from, before }: ReadFilters): TimeRange {
  return {
    from: from !== undefined && from > window.from ? from : window.from,
    to: before !== undefined && before < window.to ? before : window.to,
  };
}

function inOrder(ascending: boolean): SQL {
  return ascending ? sql`order by created_at, id` : sql`order by created_at desc, id desc`;
}

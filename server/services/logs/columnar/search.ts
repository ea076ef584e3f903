import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { FilesNeeded, type TimeRange } from "@/server/services/segment-files";
import type { ReadFilters } from "../filters";
import { isTimeout, readManyRows } from "../limits";
import { shortColumnList } from "../page-bytes";
import { type PagedSource, where } from "../paged-source";
import { archivedColumns, archivedRow } from "./archived-row";
import { type ColumnarPlan, inColumns } from "./plan";
import { dirtyRows, validRows } from "./valid-rows";
import { GROWTH, windowsOf } from "./windows";

export interface ColumnarSearch {
  readonly filters: ReadFilters;
  /** The condition at which the search starts, valid in both dialects; undefined for the end of the list. */
  readonly start?: SQL;
  /** A time that is not behind `start`. */
  readonly at?: Instant;
  readonly ascending: boolean;
  readonly limit: number;
  /** Set if the search returns what it found after a while. */
  readonly pace?: Pace;
}

/** When a progressive search returns. */
export interface Pace {
  /** The rows of the first window. */
  readonly windowRows: number;
  /** Milliseconds. */
  readonly withRows: number;
  readonly withoutRows: number;
}

/** Rows appear within seconds, and a long search takes few requests. */
export const PACE: Pace = { windowRows: 50_000, withRows: 500, withoutRows: 1_500 };

/** The first rows of a search. */
export interface FoundRows {
  readonly rows: FoundRow[];
  /** Set if the search ended early: all rows before this time were found, in the order of the search. */
  readonly searchedTo?: Instant;
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
/** Rows of the first window. */
const WINDOW_ROWS = 200_000;

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
): Promise<FoundRows | undefined> {
  const { archived, blocks } = search.filters;
  if (!archived) {
    const near = await readNear(ctx, source, search);
    if (near.length >= search.limit) return { rows: near };
  }
  /** What a progressive search can return if it fails later. */
  let progress: FoundRows | undefined;
  try {
    return await inColumns(ctx, table, { ...rangeOf(search), blocks, archived }, milliseconds, async (plan) => {
      progress = undefined;
      const rows: FoundRow[] = [];
      const isOver = search.pace && makeClock(search.pace);
      for (const window of windowsOf(plan, { ...search, windowRows: search.pace?.windowRows ?? WINDOW_ROWS })) {
        plan.signal.throwIfAborted();
        if (progress && isOver?.(rows.length)) return progress;
        const keys = await keysIn(ctx, plan, source, search, window, search.limit - rows.length).catch(
          (error: unknown) => {
            if (progress && error instanceof FilesNeeded) return undefined;
            throw error;
          },
        );
        // The next request waits for the files.
        if (!keys) return progress;
        rows.push(...(await rowsOf(plan, source, keys)));
        if (rows.length >= search.limit) break;
        if (search.pace) progress = { rows: [...rows], searchedTo: search.ascending ? window.to : window.from };
      }
      return { rows };
    });
  } catch (error) {
    // The next request begins there, and reports the error if it occurs again.
    if (progress && (isTimeout(error) || error instanceof AppError)) return progress;
    throw error;
  }
}

/** Returns whether a search ends before a window that would probably take it beyond its time. */
function makeClock({ withRows, withoutRows }: Pace) {
  const startedAt = performance.now();
  let windowAt = startedAt;
  return (found: number): boolean => {
    const now = performance.now();
    const expected = now - startedAt + GROWTH * (now - windowAt);
    windowAt = now;
    return expected > (found > 0 ? withRows : withoutRows);
  };
}

async function readNear(ctx: Context, source: PagedSource, search: ColumnarSearch): Promise<FoundRow[]> {
  const { filters, start, ascending, limit } = search;
  const conditions = start ? [...filters.range, start] : filters.range;
  return await readManyRows(
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

/** Returns the first keys of a window, in order. */
async function keysIn(
  ctx: Context,
  plan: ColumnarPlan,
  { from: table, columns }: PagedSource,
  { filters, start, ascending }: ColumnarSearch,
  window: TimeRange,
  limit: number,
): Promise<Key[]> {
  const { db, engine, parts, dirty, archived, signal, filesOf } = plan;
  const first = sql`${inOrder(ascending)} limit ${sql.raw(String(limit))}`;
  const started = start ? [start] : [];
  const archivedRows = await archived?.rowsIn(window);
  const files = await filesOf(parts.filter(({ ranges }) => ranges.some((range) => overlap(range, window))));
  const changed = dirty.flatMap((range) => overlap(range, window) ?? []);
  const fromColumns =
    files.length === 0
      ? []
      : engine.query(
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
  const fromArchives = archivedRows
    ? ctx.columnar.query(
        sql`
          select ${archivedColumns(columns)}
          from ${validRows([], clip(window, filters), [...started, ...filters.columnar], [archivedRows])}
          ${first}`,
        { signal },
      )
    : [];
  const [clean, changedRows, foundInArchives] = await Promise.all([fromColumns, fromPostgres, fromArchives]);
  const keys = [...clean, ...changedRows].map(keyOf);
  for (const row of foundInArchives) keys.push({ ...keyOf(row), archived: archivedRow(columns, row) });
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

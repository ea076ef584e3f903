import { type SQL, sql } from "drizzle-orm";
import type { Context } from "@/server/context";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { onDays } from "@/server/db/values-index";
import type { ReadFilters } from "./filters";
import { read } from "./limits";
import { columnList, type PagedSource, where } from "./paged-source";

export interface RowSearch {
  readonly filters: ReadFilters;
  /** Where the search begins; undefined at the end of the list. */
  readonly start?: SQL;
  readonly ascending: boolean;
  readonly limit: number;
}

type FoundRow = Record<string, unknown>;

/** Rows next to the start that are read and filtered first: what a twentieth of all rows have is found among them. */
const NEAR_ROWS = 500;
/** So many matches among them promise the rest among the next few thousand. */
const NEAR_MATCHES = 5;
/** So many times the time of the near rows is asked of the indexes next: 50,000 rows where traffic is even. */
const STRETCH = 100;
/** A stretch is made to hold so many times the rows that are still wanted. */
const MARGIN = 2;
/** A stretch with more matches is too long: they would all be fetched, and sorted, for the first few. */
const mostFound = (limit: number) => Math.max(1_000, 4 * limit);
/** How a stretch shrinks where it held too many rows, and grows after that. */
const SHRINK = 64;
const GROW = 8;
/** Milliseconds. A stretch this short is read in the order of the primary key. */
const SHORTEST = 1_000;
/** Of a longer one, the days would be more to look up than they leave out. */
const MOST_DAYS = 62;
const DAY_MS = 86_400_000;

/**
 * The first rows of a log table that match, in the order of (created_at, id), through indexes that know no order:
 * first the rows next to the start, whatever they hold, then stretches of time sized by how many matches the last
 * one had, by the indexes; all the rest at once where it had none. Whether a value is common, rare, absent, or was
 * common long ago, little more is read than is given, and no step depends on the planner's statistics
 * (docs/decisions/0012).
 */
export async function searchRows(ctx: Context, source: PagedSource, search: RowSearch): Promise<FoundRow[]> {
  const first = await readNear(ctx, source, search, NEAR_ROWS);
  const { rows } = first;
  let edge = first.edge;
  if (edge && rows.length >= NEAR_MATCHES) {
    const wanted = search.limit - rows.length;
    const next = { ...search, start: edge.beyond, limit: wanted };
    const near = await readNear(ctx, source, next, Math.ceil((NEAR_ROWS * MARGIN * wanted) / rows.length));
    rows.push(...near.rows);
    edge = near.edge;
  }
  if (!edge) return rows;

  const sign = search.ascending ? 1 : -1;
  let { beyond: from, at } = edge;
  let span: number | undefined = Math.max(edge.span * STRETCH, SHORTEST);
  let hasOverflowed = false;
  while (rows.length < search.limit) {
    const to: number | undefined = span === undefined ? undefined : at + sign * span;
    const isLast = to === undefined || to < 0 || to > LAST_TIME;
    const limit = search.limit - rows.length;
    const found = await readStretch(ctx, source, search, { from, at, to: isLast ? undefined : to }, limit);
    if (found === "too many") {
      hasOverflowed = true;
      span = span === undefined ? edge.span * STRETCH * GROW : span / SHRINK;
      if (span < SHORTEST) return [...rows, ...(await readInOrder(ctx, source, search, from, limit))];
      continue;
    }
    rows.push(...found);
    if (isLast) return rows;
    at = to;
    from = beyondTime(search.ascending, to);
    if (span !== undefined) span = nextSpan(span, found.length, limit - found.length, hasOverflowed);
  }
  return rows;
}

function nextSpan(span: number, found: number, wanted: number, hasOverflowed: boolean): number | undefined {
  if (found > 0) return span * Math.max(GROW, (MARGIN * wanted) / found);
  return hasOverflowed ? span * GROW : undefined;
}

/** The end of the last year that rows can be stored of. */
const LAST_TIME = Date.UTC(2101, 0, 1);

interface Edge {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds that the near rows span. */
  readonly span: number;
  /** The rows behind it. */
  readonly beyond: SQL;
}

/** Up to `limit` matches among the rows next to the start, and, where they are fewer, the last row looked at. */
async function readNear(
  ctx: Context,
  source: PagedSource,
  { filters, start, ascending, limit }: RowSearch,
  nearRows: number,
): Promise<{ rows: FoundRow[]; edge?: Edge }> {
  const columns = columnList(source.columns);
  const found = await read(ctx, (db) =>
    db.execute<FoundRow>(sql`
      with near as materialized (
        select *
        from ${source.from}
        ${where(start ? [...filters.range, start] : filters.range)}
        ${inOrder(ascending)}
        limit ${nearRows}
      )
      select false as is_edge, null::timestamptz as first_at, ${columns}
      from near
      ${where(filters.columns)}
      union all
      (select true, (select created_at from near limit 1) as first_at, ${columns} from near limit 1 offset ${nearRows - 1})
      limit ${limit}`),
  );
  const last = found.at(-1);
  if (!last?.is_edge) return { rows: [...found] };
  const at = milliseconds(last.created_at);
  const position = sql`(${String(last.created_at)}::timestamptz, ${String(last.id)}::uuid)`;
  return {
    rows: found.slice(0, -1),
    edge: {
      at,
      span: Math.abs(at - milliseconds(last.first_at)),
      beyond: sql`(created_at, id) ${sql.raw(ascending ? ">" : "<")} ${position}`,
    },
  };
}

function milliseconds(time: unknown): number {
  return Date.parse(toIsoMicroseconds(String(time)));
}

interface Stretch {
  readonly from: SQL;
  /** Milliseconds since 1970 of `from`, and of the end; without one, all that is left. */
  readonly at: number;
  readonly to?: number;
}

/** The first matches of a stretch, by the indexes: fetched in whatever order, at most mostFound of them, then sorted. */
async function readStretch(
  ctx: Context,
  source: PagedSource,
  { filters, ascending }: RowSearch,
  { from, at, to }: Stretch,
  limit: number,
): Promise<FoundRow[] | "too many"> {
  const most = mostFound(limit);
  const conditions = [...filters.range, from, ...filters.columns, ...(filters.indexed ?? [])];
  if (to !== undefined) {
    const end = sql`${new Date(to).toISOString()}::timestamptz`;
    conditions.push(ascending ? sql`created_at < ${end}` : sql`created_at >= ${end}`);
    if (filters.hasValues && Math.abs(to - at) < MOST_DAYS * DAY_MS)
      conditions.push(onDays(Math.min(at, to), Math.max(at, to)));
  }
  const found = await read(ctx, (db) =>
    db.execute<FoundRow>(sql`
      select *, count(*) over () as matches
      from (select ${columnList(source.columns)} from ${source.from} ${where(conditions)} limit ${most + 1}) as found
      ${inOrder(ascending)}
      limit ${limit}`),
  );
  return Number(found[0]?.matches ?? 0) > most ? "too many" : [...found];
}

async function readInOrder(
  ctx: Context,
  source: PagedSource,
  { filters, ascending }: RowSearch,
  from: SQL,
  limit: number,
): Promise<FoundRow[]> {
  const conditions = [...filters.range, from, ...filters.columns];
  return await read(ctx, async (db) => [
    ...(await db.execute<FoundRow>(sql`
      select ${columnList(source.columns)}
      from ${source.from}
      ${where(conditions)}
      ${inOrder(ascending)}
      limit ${limit}`)),
  ]);
}

function inOrder(ascending: boolean): SQL {
  return ascending ? sql`order by created_at, id` : sql`order by created_at desc, id desc`;
}

function beyondTime(ascending: boolean, time: number): SQL {
  const end = sql`${new Date(time).toISOString()}::timestamptz`;
  return ascending ? sql`created_at >= ${end}` : sql`created_at < ${end}`;
}

import { type SQL, sql } from "drizzle-orm";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { inSlots } from "@/server/db/values-index";
import type { Context } from "@/server/process/context";
import type { ReadFilters } from "./filters";
import { readRows } from "./limits";
import { shortColumnList } from "./page-bytes";
import { type PagedSource, where } from "./paged-source";
import { LONGEST_SHORT, nextStretches, type Stretch } from "./search-windows";

export interface RowSearch {
  readonly filters: ReadFilters;
  /** Where the search begins; undefined at the end of the list. */
  readonly start?: SQL;
  readonly ascending: boolean;
  readonly limit: number;
}

type FoundRow = Record<string, unknown>;

/** Rows next to the start that are read and filtered first: what a tenth of all rows have is found among them. */
const NEAR_ROWS = 250;
/** So many matches among them promise the rest among the next few thousand. */
const NEAR_MATCHES = 5;
/** With fewer, half a day holds not too many to be fetched. */
const SPARSE_MATCHES = 2;
/** So many times the time of the near rows is asked of the indexes next where few match: 50,000 rows if traffic is even. */
const STRETCH = 200;
/** A stretch is made to hold so many times the rows that are still wanted, and more by what a handful of rows tells. */
const MARGIN = 2;
const WIDE_MARGIN = 4;
/**
 * A stretch with more matches is too long: they would all be fetched, and sorted, for the first few. Giving up costs
 * a stretch more, as long as fetching 4,000 takes.
 */
const mostFound = (limit: number) => Math.max(4_000, 4 * limit);
/** How a stretch shrinks where it held too many rows, and grows after that. */
const SHRINK = 64;
const GROW = 8;
/** Milliseconds. A stretch this short is read in the order of the primary key. */
const SHORTEST = 1_000;

/**
 * The first rows of a log table that match, in the order of (created_at, id), through indexes that know no order:
 * first the rows next to the start, whatever they hold, then stretches of time sized by how many matches the last
 * one had, by the indexes; all the rest at once where it had none. Whether a value is common, rare, absent, or was
 * common long ago, little more is read than is given. Each statement has one plan for all values, so that no step
 * depends on the planner's statistics (docs/decisions/0012).
 * @param source a table, not a query: rows are found again by their place in it
 */
export async function searchRows(ctx: Context, source: PagedSource, search: RowSearch): Promise<FoundRow[]> {
  const first = await readNear(ctx, source, search, NEAR_ROWS);
  const { rows } = first;
  let edge = first.edge;
  let walked = edge?.span ?? 0;
  if (edge && rows.length >= NEAR_MATCHES) {
    const wanted = search.limit - rows.length;
    const next = { ...search, start: edge.beyond, limit: wanted };
    const near = await readNear(ctx, source, next, Math.ceil((NEAR_ROWS * MARGIN * wanted) / rows.length));
    rows.push(...near.rows);
    edge = near.edge;
    walked += edge?.span ?? 0;
  }
  if (!edge) return rows;

  const { ascending, filters } = search;
  const range = ascending ? filters.before : filters.from;
  const end = range === undefined ? undefined : Date.parse(range) + (ascending ? 1 : 0);
  let { beyond, at } = edge;
  const isSparse = rows.length < SPARSE_MATCHES;
  const sparseSpan = Math.max(walked * STRETCH, SHORTEST);
  const promised = walked * Math.max(1, (WIDE_MARGIN * (search.limit - rows.length)) / rows.length);
  let span: number | undefined = isSparse ? sparseSpan : Math.max(Math.min(promised, LONGEST_SHORT), SHORTEST);
  let hasOverflowed = false;
  while (rows.length < search.limit) {
    const isWalked = search.start === undefined && filters.range.length === 0 && !hasOverflowed;
    // The index of all values looks up what matches in a whole slot anyhow.
    const isToDay = filters.hasValues === true && isSparse && !hasOverflowed;
    const stretches = nextStretches({ at, span, end, ascending, isWalked, isSparse: isToDay });
    const to = stretches.at(-1)?.to;
    const limit = search.limit - rows.length;
    const found = await readStretches(ctx, source, search, beyond, stretches, limit);
    if (found === "too many") {
      hasOverflowed = true;
      const tried: number | undefined = to === undefined ? span : Math.abs(to - at);
      span = tried === undefined ? sparseSpan * GROW : tried / SHRINK;
      if (span < SHORTEST) return [...rows, ...(await readInOrder(ctx, source, search, beyond, limit))];
      continue;
    }
    rows.push(...found);
    if (to === undefined || to === end) return rows;
    const length = Math.abs(to - at);
    at = to;
    beyond = beyondTime(ascending, at);
    if (found.length > 0) {
      span = length * Math.max(1, (MARGIN * (search.limit - rows.length)) / found.length);
      // A month would hold too many once more.
      if (hasOverflowed) span = Math.min(span, LONGEST_SHORT);
    } else if (hasOverflowed) {
      span = length * GROW;
    } else {
      // A gap of a few rows promises nothing of all the others.
      span = length < sparseSpan ? sparseSpan : undefined;
    }
  }
  return rows;
}

interface Edge {
  /** Milliseconds since 1970, not beyond the first row behind it. */
  readonly at: number;
  /** Milliseconds that the near rows span. */
  readonly span: number;
  /** The rows behind it. */
  readonly beyond: SQL;
}

/**
 * Up to `limit` matches among the next rows, and, where they are fewer, the last row looked at.
 * @param atLeast rows to look at
 */
async function readNear(
  ctx: Context,
  source: PagedSource,
  { filters, start, ascending, limit }: RowSearch,
  atLeast: number,
): Promise<{ rows: FoundRow[]; edge?: Edge }> {
  // Steps of two, so that few texts are to be prepared.
  const nearRows = NEAR_ROWS * 2 ** Math.ceil(Math.log2(atLeast / NEAR_ROWS));
  const next = sql`from ${source.from} ${where(start ? [...filters.range, start] : filters.range)} ${inOrder(ascending)}`;
  // The edge is told by the index alone, and only where too few match.
  const found = await readRows(
    ctx,
    sql`
      select false as is_edge, null::timestamptz as first_at, ${shortColumnList(source.columns)}
      from (select * ${next} limit ${sql.raw(String(nearRows))}) as near
      ${where(filters.columns)}
      union all
      (
        select true, (select created_at ${next} limit 1) as first_at, ${keysOnly(source)}
        ${next}
        limit 1
        offset ${sql.raw(String(nearRows - 1))}
      )
      limit ${limit}`,
  );
  const last = found.at(-1);
  if (!last?.is_edge) return { rows: found };
  const time = toIsoMicroseconds(String(last.created_at));
  // Its microseconds are cut off.
  const at = Date.parse(time) + (ascending ? 0 : 1);
  return {
    rows: found.slice(0, -1),
    edge: {
      at,
      span: Math.abs(at - Date.parse(toIsoMicroseconds(String(last.first_at)))),
      beyond: sql`
        (created_at, id) ${sql.raw(ascending ? ">" : "<")} (${time}::timestamptz, ${String(last.id)}::uuid)
        and ${ascending ? notBefore(time) : notAfter(time)}`,
    },
  };
}

/**
 * The first matches of stretches that follow each other, of which no more are read than are needed: PostgreSQL takes
 * the parts of a UNION ALL in turn, each in its order, until there are enough.
 */
async function readStretches(
  ctx: Context,
  source: PagedSource,
  search: RowSearch,
  beyond: SQL,
  stretches: readonly Stretch[],
  limit: number,
): Promise<FoundRow[] | "too many"> {
  const { ascending } = search;
  const most = mostFound(limit);
  const at = stretches[0]?.at;
  const to = stretches.at(-1)?.to;
  const keys = stretches.map((stretch, index) => {
    const start = index === 0 ? beyond : beyondTime(ascending, stretch.at);
    return sql`select * from (${keysOf(source, { ...search, start, limit }, stretch)}) as stretch`;
  });
  const found = await readRows(
    ctx,
    sql`
      select ${shortColumnList(source.columns)}, matches
      from (
        ${sql.join(keys, sql` union all `)}
        limit ${limit}
      ) as first
      join ${source.from} as whole using (created_at, id)
      ${where([sql`whole.ctid = first.place`, ...partitionsOf(ascending ? at : to, ascending ? to : at)])}
      ${inOrder(ascending)}`,
  );
  return found.some(({ matches }) => Number(matches) > most) ? "too many" : found;
}

/**
 * Keys and places of the first matches of a stretch, by the indexes: fetched in whatever order, at most mostFound of
 * them, then counted and sorted. Of a thousand rows with all their texts that would be most of the work.
 */
function keysOf(
  source: PagedSource,
  { filters, start, ascending, limit }: RowSearch & { readonly start: SQL },
  { at, to, isShort }: Stretch,
): SQL {
  const { columns, indexed = [], from, before, hasValues } = filters;
  const conditions = [start, ...columns, ...indexed];
  if (from !== undefined) conditions.push(notBefore(from));
  if (before !== undefined) conditions.push(earlierThan(before));
  if (to !== undefined) {
    const time = new Date(to).toISOString();
    conditions.push(ascending ? earlierThan(time) : notBefore(time));
  }
  if (hasValues && isShort && to !== undefined) conditions.push(inSlots(Math.min(at, to), Math.max(at, to)));
  // Said twice, they promise the planner as few rows as with slots, so that it takes no other index besides.
  else conditions.push(...indexed);
  return sql`
    select *, count(*) over () as matches
    from (
      select created_at, id, ctid as place
      from ${source.from}
      ${where(conditions)}
      limit ${sql.raw(String(mostFound(limit) + 1))}
    ) as found
    ${inOrder(ascending)}
    limit ${limit}`;
}

/** Leaves out the partitions of `whole` that hold none of a stretch, before they are opened. */
function partitionsOf(from: number | undefined, to: number | undefined): SQL[] {
  const conditions: SQL[] = [];
  if (from !== undefined) conditions.push(notBefore(new Date(from).toISOString(), WHOLE));
  if (to !== undefined) conditions.push(notAfter(new Date(to).toISOString(), WHOLE));
  return conditions;
}

/** created_at and id, in a row as wide as shortColumnList's. */
function keysOnly({ columns }: PagedSource): SQL {
  const isKey = (name: string) => name === "created_at" || name === "id";
  const keys = columns.map(({ name }) => (isKey(name) ? sql.identifier(name) : sql`null`));
  return sql.join([...keys, sql`0`], sql`, `);
}

async function readInOrder(
  ctx: Context,
  source: PagedSource,
  { filters, ascending }: RowSearch,
  beyond: SQL,
  limit: number,
): Promise<FoundRow[]> {
  return await readRows(
    ctx,
    sql`
      select ${shortColumnList(source.columns)}
      from ${source.from}
      ${where([...filters.range, beyond, ...filters.columns])}
      ${inOrder(ascending)}
      limit ${sql.raw(String(limit))}`,
  );
}

function inOrder(ascending: boolean): SQL {
  return ascending ? sql`order by created_at, id` : sql`order by created_at desc, id desc`;
}

function beyondTime(ascending: boolean, milliseconds: number): SQL {
  const time = new Date(milliseconds).toISOString();
  return ascending ? notBefore(time) : earlierThan(time);
}

const CREATED_AT = sql.raw("created_at");
const WHOLE = sql.raw("whole.created_at");

function notBefore(time: string, column = CREATED_AT): SQL {
  return sql`${column} >= ${time}::timestamptz`;
}

/*
 * Upper bounds as an array of one: a plain one would make a pair with the lower bound, and of a pair whose values the
 * planner does not know it expects so few rows that it would read all of them by the primary key.
 */
function earlierThan(time: string): SQL {
  return sql`created_at < any(array[${time}::timestamptz])`;
}

function notAfter(time: string, column = CREATED_AT): SQL {
  return sql`${column} <= any(array[${time}::timestamptz])`;
}

import { type SQL, sql } from "drizzle-orm";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { inSlots } from "@/server/db/values-index";
import type { Context } from "@/server/process/context";
import type { ReadFilters } from "./filters";
import { readRows } from "./limits";
import { shortColumnList } from "./page-bytes";
import { type PagedSource, where } from "./paged-source";
import { type Answer, advance, beginSearch, type Edge, type Position, type Step } from "./search-plan";
import type { TimeWindow } from "./search-windows";

export interface RowSearch {
  readonly filters: ReadFilters;
  /** The condition at which the search starts; undefined for the end of the list. */
  readonly start?: SQL;
  readonly ascending: boolean;
  readonly limit: number;
}

type FoundRow = Record<string, unknown>;
type Found = Answer & { readonly rows: FoundRow[] };

/**
 * Returns the first matching rows of a log table in the order of (created_at, id), using unordered indexes in the steps
 * that search-plan.ts plans. Reads little more than it returns, whether a value is common, rare, absent, or was common
 * long ago. Each statement has one plan for all values, so no step depends on the planner's statistics
 * (docs/decisions/0012).
 * @param source a table rather than a query, because rows are fetched by their physical position
 */
export async function searchRows(ctx: Context, source: PagedSource, search: RowSearch): Promise<FoundRow[]> {
  const { ascending, filters, limit, start } = search;
  const range = ascending ? filters.before : filters.from;
  const rows: FoundRow[] = [];
  let state = beginSearch({
    limit,
    ascending,
    end: range === undefined ? undefined : Date.parse(range) + (ascending ? 1 : 0),
    isFromEnd: start === undefined && filters.range.length === 0,
    hasSlots: filters.hasValues === true,
  });
  while (state.step) {
    ctx.columnar.signal?.throwIfAborted();
    const answer = await take(ctx, source, search, state.step);
    rows.push(...answer.rows);
    state = advance(state, answer);
  }
  return rows;
}

async function take(ctx: Context, source: PagedSource, search: RowSearch, step: Step): Promise<Found> {
  switch (step.kind) {
    case "near":
      return await readNear(ctx, source, search, step);
    case "windows":
      return await readWindows(ctx, source, search, step);
    case "in order":
      return await readInOrder(ctx, source, search, step);
  }
}

async function readNear(
  ctx: Context,
  source: PagedSource,
  search: RowSearch,
  { from, limit, rows }: Step & { kind: "near" },
): Promise<Found> {
  const { filters, ascending } = search;
  const next = sql`from ${source.from} ${where([...filters.range, ...beyond(search, from)])} ${inOrder(ascending)}`;
  // The edge is read from the index alone, and only if too few rows match.
  const found = await readRows(
    ctx,
    sql`
      select false as is_edge, null::timestamptz as first_at, ${shortColumnList(source.columns)}
      from (select * ${next} limit ${sql.raw(String(rows))}) as near
      ${where(filters.columns)}
      union all
      (
        select true, (select created_at ${next} limit 1) as first_at, ${keysOnly(source)}
        ${next}
        limit 1
        offset ${sql.raw(String(rows - 1))}
      )
      limit ${limit}`,
    filters,
  );
  const last = found.at(-1);
  if (!last?.is_edge) return { rows: found, found: found.length };
  return { rows: found.slice(0, -1), found: found.length - 1, edge: edgeOf(last, ascending) };
}

function edgeOf(row: FoundRow, ascending: boolean): Edge {
  const created_at = toIsoMicroseconds(String(row.created_at));
  // Date.parse truncates the microseconds.
  const at = Date.parse(created_at) + (ascending ? 0 : 1);
  return {
    row: { kind: "row", created_at, id: String(row.id) },
    at,
    span: Math.abs(at - Date.parse(toIsoMicroseconds(String(row.first_at)))),
  };
}

/**
 * Reads the first matches of consecutive windows. PostgreSQL executes the parts of a UNION ALL one after another, each
 * in its order, and stops when it has enough rows.
 */
async function readWindows(
  ctx: Context,
  source: PagedSource,
  search: RowSearch,
  { from, windows, limit, maxMatches }: Step & { kind: "windows" },
): Promise<Found> {
  const { ascending } = search;
  const at = windows[0]?.at;
  const to = windows.at(-1)?.to;
  const keys = windows.map((window, index) => {
    const start: Position = index === 0 ? from : { kind: "time", at: window.at };
    const found = keysOf(source, search, beyond(search, start), window, { limit, maxMatches });
    return sql`select * from (${found}) as one_window`;
  });
  const rows = await readRows(
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
    search.filters,
  );
  const isTooMany = rows.some(({ matches }) => Number(matches) > maxMatches);
  return isTooMany ? { rows: [], found: 0, isTooMany } : { rows, found: rows.length };
}

/**
 * Selects the keys and physical positions of a window's first matches by the indexes. At most maxMatches + 1 keys are
 * fetched in any order, then counted and sorted, because fetching and sorting whole rows would take most of the time.
 */
function keysOf(
  source: PagedSource,
  { filters, ascending }: RowSearch,
  start: readonly SQL[],
  { at, to, isShort }: TimeWindow,
  { limit, maxMatches }: { readonly limit: number; readonly maxMatches: number },
): SQL {
  const { columns, indexed = [], from, before, hasValues } = filters;
  const conditions = [...start, ...columns, ...indexed];
  if (from !== undefined) conditions.push(notBefore(from));
  if (before !== undefined) conditions.push(earlierThan(before));
  if (to !== undefined) {
    const time = new Date(to).toISOString();
    conditions.push(ascending ? earlierThan(time) : notBefore(time));
  }
  if (hasValues && isShort && to !== undefined) conditions.push(inSlots(Math.min(at, to), Math.max(at, to)));
  // With repeated conditions, the planner expects as few rows as with slots and combines no other index.
  else conditions.push(...indexed);
  return sql`
    select *, count(*) over () as matches
    from (
      select created_at, id, ctid as place
      from ${source.from}
      ${where(conditions)}
      limit ${sql.raw(String(maxMatches + 1))}
    ) as found
    ${inOrder(ascending)}
    limit ${limit}`;
}

/** Returns conditions on `whole` that exclude partitions without rows of a window before they are opened. */
function partitionsOf(from: number | undefined, to: number | undefined): SQL[] {
  const conditions: SQL[] = [];
  if (from !== undefined) conditions.push(notBefore(new Date(from).toISOString(), WHOLE));
  if (to !== undefined) conditions.push(notAfter(new Date(to).toISOString(), WHOLE));
  return conditions;
}

/** Selects created_at and id in a row with as many columns as shortColumnList. */
function keysOnly({ columns }: PagedSource): SQL {
  const isKey = (name: string) => name === "created_at" || name === "id";
  const keys = columns.map(({ name }) => (isKey(name) ? sql.identifier(name) : sql`null`));
  return sql.join([...keys, sql`0`], sql`, `);
}

async function readInOrder(
  ctx: Context,
  source: PagedSource,
  search: RowSearch,
  { from, limit }: Step & { kind: "in order" },
): Promise<Found> {
  const { filters, ascending } = search;
  const rows = await readRows(
    ctx,
    sql`
      select ${shortColumnList(source.columns)}
      from ${source.from}
      ${where([...filters.range, ...beyond(search, from), ...filters.columns])}
      ${inOrder(ascending)}
      limit ${sql.raw(String(limit))}`,
    filters,
  );
  return { rows, found: rows.length };
}

function inOrder(ascending: boolean): SQL {
  return ascending ? sql`order by created_at, id` : sql`order by created_at desc, id desc`;
}

/** Returns the condition for rows after a position. */
function beyond({ start, ascending }: RowSearch, position: Position): SQL[] {
  switch (position.kind) {
    case "start":
      return start ? [start] : [];
    case "row": {
      const { created_at, id } = position;
      const operator = sql.raw(ascending ? ">" : "<");
      return [
        sql`(created_at, id) ${operator} (${created_at}::timestamptz, ${id}::uuid)`,
        ascending ? notBefore(created_at) : notAfter(created_at),
      ];
    }
    case "time": {
      const time = new Date(position.at).toISOString();
      return [ascending ? notBefore(time) : earlierThan(time)];
    }
  }
}

const CREATED_AT = sql.raw("created_at");
const WHOLE = sql.raw("whole.created_at");

function notBefore(time: string, column = CREATED_AT): SQL {
  return sql`${column} >= ${time}::timestamptz`;
}

/*
 * Upper bounds are arrays of one element. The planner would combine a plain bound with the lower bound, expect very few
 * rows for unknown values, and read all of them by the primary key.
 */
function earlierThan(time: string): SQL {
  return sql`created_at < any(array[${time}::timestamptz])`;
}

function notAfter(time: string, column = CREATED_AT): SQL {
  return sql`${column} <= any(array[${time}::timestamptz])`;
}

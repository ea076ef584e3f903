import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import { type Instant, instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { damagedSegments } from "./damage";
import { SEGMENT_LAYOUT } from "./layout-version";
import type { Segment, TimeRange } from "./segment";

/** The valid hours of a segment. Rows of the file outside of `ranges` may have changed or been deleted. */
export interface CoveredPart {
  readonly segment: Segment;
  /** Whole hours, clipped to the requested range, newest first. */
  readonly ranges: readonly TimeRange[];
  /** The rows of these hours, also if a range contains only a part of its first or last hour. */
  readonly rowCount: number;
}

/** Where the rows of a time range are read from. Each row is in exactly one part or dirty range. */
export interface Coverage {
  /** Newest first. */
  readonly parts: readonly CoveredPart[];
  /** Ranges that are read from PostgreSQL in the same snapshot, newest first. */
  readonly dirty: readonly TimeRange[];
}

/** Executes Drizzle's statements in the caller's snapshot. */
export interface Executor {
  execute(statement: SQL): PromiseLike<readonly Record<string, unknown>[]>;
}

const row = z.object({
  hour: z.string(),
  is_first: z.boolean(),
  /** The rows of all selected hours up to the end of this one. */
  rows_up_to: z.number(),
  row_count: z.coerce.number(),
  id: z.string().nullable(),
  table: z.enum(LOG_TABLE_NAMES).nullable(),
  store: z.string().nullable(),
  path: z.string().nullable(),
  size_bytes: z.coerce.number().nullable(),
  sha256: z.string().nullable(),
});

/** Adjacent hours in the same state. */
interface Island extends TimeRange {
  /** Null: dirty. */
  readonly segment: Segment | null;
  readonly rowCount: number;
}

const START: Instant = `${FIRST_YEAR}-01-01T00:00:00.000000Z`;
const END: Instant = `${LAST_YEAR + 1}-01-01T00:00:00.000000Z`;

/**
 * Returns which segments contain the rows of a log table in a time range, and which ranges must be read from PostgreSQL:
 * hours whose rows changed since their segment was written, and hours of segments that this process cannot read. An hour
 * that is in neither has no rows.
 * @param db executes in a REPEATABLE READ transaction, in which the caller also reads the dirty ranges
 * @param range the requested time range, `before` exclusive; undefined: unlimited
 */
export async function coverageOf(
  ctx: Pick<Context, "files">,
  db: Executor,
  table: LogTableName,
  { from = START, before = END }: { readonly from?: Instant; readonly before?: Instant } = {},
): Promise<Coverage> {
  if (from >= before) return { parts: [], dirty: [] };
  const layouts = await db.execute(
    sql`select layout from segment_layouts where log_table = ${table} and layout >= ${SEGMENT_LAYOUT}`,
  );
  // The hours are unknown.
  if (layouts.length === 0) return { parts: [], dirty: [{ from, to: before }] };
  const islands = islandsOf(z.array(row).parse(await db.execute(edgesOf(ctx, table, from, before))));
  const unknown = z.array(z.object({ hour: z.string() })).parse(await db.execute(unknownHours(table, from, before)));
  const parts = new Map<string, CoveredPart & { readonly ranges: TimeRange[] }>();
  const dirty: TimeRange[] = [];
  for (const { segment, rowCount, ...island } of withDirtyHours(islands, unknown).reverse()) {
    const range = { from: later(island.from, from), to: earlier(island.to, before) };
    if (!segment) dirty.push(range);
    else {
      const part = parts.get(segment.id) ?? { segment, ranges: [], rowCount: 0 };
      part.ranges.push(range);
      parts.set(segment.id, { ...part, rowCount: part.rowCount + rowCount });
    }
  }
  return { parts: [...parts.values()], dirty };
}

/**
 * Selects the first and last hours of islands: adjacent hours in the same state, including hours without rows between
 * them, which are neither in the segment nor in PostgreSQL. There may be 100,000 hours, so they are read once, in the
 * order of the primary key: conditions are subqueries rather than joins, which would sort them.
 */
function edgesOf(ctx: Pick<Context, "files">, table: LogTableName, from: Instant, before: Instant): SQL {
  const stores = ctx.files.all.map(({ id }) => id);
  return sql`
    with marked as materialized (${markedHours(table, from, before)}),
    readable as materialized (
      select id
      from segments
      where log_table = ${table} and layout = ${SEGMENT_LAYOUT} and store in ${stores}
        ${damagedSegments.size === 0 ? sql`` : sql`and id not in ${[...damagedSegments]}`}
    ),
    states as (
      select
        hour,
        row_count,
        case
          when dirty_seq is null and hour not in (select hour from marked) and segment_id in (select id from readable)
          then segment_id
        end as clean_id
      from segment_hours
      where log_table = ${table} and hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') and hour < ${before}::timestamptz
        and (segment_id is not null or dirty_seq is not null or hour in (select hour from marked))
    ),
    edges as (
      select
        hour,
        clean_id,
        row_count,
        sum(row_count::float8) over hours as rows_up_to,
        lag(hour) over hours is null or lag(clean_id) over hours is distinct from clean_id as is_first,
        lead(hour) over hours is null or lead(clean_id) over hours is distinct from clean_id as is_last
      from states
      window hours as (order by hour rows unbounded preceding)
    )
    select
      ${instantText(sql`hour`)} as hour,
      is_first, rows_up_to, edges.row_count,
      id, log_table as table, store, path, size_bytes, sha256
    from edges
    left join segments on segments.id = clean_id
    where is_first or is_last
    order by edges.hour`;
}

function markedHours(table: LogTableName, from: Instant, before: Instant): SQL {
  return sql`
    select distinct hour
    from dirty_ranges
    cross join lateral generate_series(
      greatest(date_trunc('hour', starts_at, 'UTC'), date_trunc('hour', ${from}::timestamptz, 'UTC')),
      least(ends_at, ${before}::timestamptz) - interval '1 microsecond',
      interval '1 hour'
    ) as hour
    where log_table = ${table} and starts_at < ${before}::timestamptz and ends_at > ${from}::timestamptz`;
}

/** Marked hours that had no rows before. */
function unknownHours(table: LogTableName, from: Instant, before: Instant): SQL {
  return sql`
    select ${instantText(sql`hour`)} as hour
    from (${markedHours(table, from, before)}) as marked
    where not exists (select from segment_hours where log_table = ${table} and segment_hours.hour = marked.hour)
    order by marked.hour`;
}

/** @param rows the first and last hour of each, in order; one row if they are the same */
function islandsOf(rows: readonly z.infer<typeof row>[]): Island[] {
  const islands: Island[] = [];
  let first: z.infer<typeof row> | undefined;
  for (const [index, one] of rows.entries()) {
    if (one.is_first) first = one;
    const next = rows[index + 1];
    if (!first || (next && !next.is_first)) continue;
    const { table, store, path, sha256 } = one;
    const isClean = one.id !== null && table !== null && store !== null && path !== null && sha256 !== null;
    islands.push({
      from: first.hour,
      to: hourAfter(one.hour),
      segment: isClean ? { id: one.id ?? "", table, store, path, sha256, sizeBytes: one.size_bytes ?? 0 } : null,
      rowCount: one.rows_up_to - first.rows_up_to + first.row_count,
    });
  }
  return islands;
}

/** Adds dirty hours, at which clean islands are divided, and joins dirty islands without a clean one between them. */
function withDirtyHours(islands: readonly Island[], hours: readonly { readonly hour: Instant }[]): Island[] {
  const result: Island[] = [];
  const add = (island: Island) => {
    if (island.from === island.to) return;
    const last = result.at(-1);
    if (last && !last.segment && !island.segment)
      result[result.length - 1] = { ...last, to: island.to > last.to ? island.to : last.to };
    else result.push(island);
  };
  let at = 0;
  const dirty = () => {
    const from = hours[at++]?.hour ?? "";
    return { from, to: hourAfter(from), segment: null, rowCount: 0 };
  };
  const isBefore = (time: Instant) => (hours[at]?.hour ?? END) < time;
  for (const island of islands) {
    while (isBefore(island.from)) add(dirty());
    let rest = island;
    while (isBefore(island.to)) {
      const hour = dirty();
      if (island.segment) {
        // An hour that was not known has no rows in a segment.
        add({ ...rest, to: hour.from });
        rest = { ...rest, from: hour.to, rowCount: 0 };
        add(hour);
      }
    }
    add(rest);
  }
  while (at < hours.length) add(dirty());
  return result;
}

function hourAfter(hour: Instant): Instant {
  return instantOf(new Date(Date.parse(hour) + 3_600_000));
}

/** An Instant, whatever the time zone and the types of the caller's session. */
export function instantText(time: SQL): SQL {
  return sql`to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const later = (one: Instant, other: Instant) => (one > other ? one : other);
const earlier = (one: Instant, other: Instant) => (one < other ? one : other);

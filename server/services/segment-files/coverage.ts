import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { FIRST_YEAR, LAST_YEAR } from "@/server/db/partitions";
import type { Instant } from "@/server/lib/time";
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

const hours = { from_hour: z.string(), to_hour: z.string(), row_count: z.coerce.number() };
const island = z.discriminatedUnion("is_dirty", [
  z.object({ is_dirty: z.literal(true), ...hours, row_count: z.unknown() }),
  z.object({
    is_dirty: z.literal(false),
    ...hours,
    id: z.string(),
    table: z.enum(LOG_TABLE_NAMES),
    store: z.string(),
    path: z.string(),
    size_bytes: z.coerce.number(),
    sha256: z.string(),
  }),
]);

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
  const islands = z.array(island).parse(await db.execute(islandsOf(ctx, table, from, before)));
  const parts = new Map<string, CoveredPart & { readonly ranges: TimeRange[] }>();
  const dirty: TimeRange[] = [];
  for (const { from_hour, to_hour, row_count, ...found } of islands) {
    const range = {
      from: later(from_hour, from),
      to: earlier(to_hour, before),
    };
    if (found.is_dirty) dirty.push(range);
    else {
      const { is_dirty: _, size_bytes: sizeBytes, ...segment } = found;
      const part = parts.get(segment.id) ?? { segment: { ...segment, sizeBytes }, ranges: [], rowCount: 0 };
      part.ranges.push(range);
      parts.set(segment.id, { ...part, rowCount: part.rowCount + Number(row_count) });
    }
  }
  return { parts: [...parts.values()], dirty };
}

/**
 * Adjacent hours in the same state are one range, including hours without rows between them: those are neither in the
 * segment nor in PostgreSQL.
 */
function islandsOf(ctx: Pick<Context, "files">, table: LogTableName, from: Instant, before: Instant): SQL {
  const stores = ctx.files.all.map(({ id }) => id);
  const isReadable = sql`(
    segments.layout = ${SEGMENT_LAYOUT}
    and segments.store in ${stores}
    ${damagedSegments.size === 0 ? sql`` : sql`and segments.id not in ${[...damagedSegments]}`}
  )`;
  return sql`
    with marked as (
      select distinct hour
      from dirty_ranges
      cross join lateral generate_series(
        greatest(date_trunc('hour', starts_at, 'UTC'), date_trunc('hour', ${from}::timestamptz, 'UTC')),
        least(ends_at, ${before}::timestamptz) - interval '1 microsecond',
        interval '1 hour'
      ) as hour
      where log_table = ${table} and starts_at < ${before}::timestamptz and ends_at > ${from}::timestamptz
    ),
    known as (
      select hour, segment_id, row_count, dirty_seq
      from segment_hours
      where log_table = ${table} and hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') and hour < ${before}::timestamptz
    ),
    states as (
      select
        coalesce(known.hour, marked.hour) as hour,
        known.row_count,
        known.segment_id,
        marked.hour is not null
          or known.dirty_seq is not null
          or (known.segment_id is not null and ${isReadable} is not true) as is_dirty
      from known
      full join marked on marked.hour = known.hour
      left join segments on segments.id = known.segment_id
    ),
    islands as (
      select
        *,
        row_number() over (order by hour)
          - row_number() over (partition by is_dirty, case when not is_dirty then segment_id end order by hour) as island
      from states
    )
    select
      is_dirty,
      ${instantText(sql`min(hour)`)} as from_hour,
      ${instantText(sql`max(hour) + interval '1 hour'`)} as to_hour,
      sum(islands.row_count) as row_count,
      id, log_table as table, store, path, size_bytes, sha256
    from islands
    left join segments on not is_dirty and segments.id = segment_id
    where is_dirty or segment_id is not null
    group by is_dirty, island, id
    order by min(hour) desc`;
}

/** An Instant, whatever the time zone and the types of the caller's session. */
export function instantText(time: SQL): SQL {
  return sql`to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const later = (one: Instant, other: Instant) => (one > other ? one : other);
const earlier = (one: Instant, other: Instant) => (one < other ? one : other);

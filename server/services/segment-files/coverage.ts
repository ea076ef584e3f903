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

const found = z.object({
  id: z.string(),
  table: z.enum(LOG_TABLE_NAMES),
  store: z.string(),
  path: z.string(),
  size_bytes: z.coerce.number(),
  sha256: z.string(),
  is_readable: z.boolean(),
  first: z.string(),
  last: z.string(),
  hours: z.coerce.number(),
  row_count: z.coerce.number(),
});
type Found = z.infer<typeof found>;

const timeRange = z.object({ from: z.string(), to: z.string() });
const hole = z.object({ id: z.string(), hour: z.string() });

const HOUR_MS = 3_600_000;
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
  const changed = z.array(timeRange).parse(await db.execute(dirtyIslands(table, from, before)));
  const segments = z.array(found).parse(await db.execute(cleanSegments(ctx, table, from, before)));
  const holes = await holesOf(db, table, segments, changed);
  const parts: CoveredPart[] = [];
  const unreadable: TimeRange[] = [];
  for (const one of segments) {
    const whole = { from: later(one.first, from), to: earlier(hourAfter(one.last), before) };
    const ranges = without(whole, [...changed, ...(holes.get(one.id) ?? [])].sort(byStart));
    if (!one.is_readable) unreadable.push(...ranges);
    else {
      const {
        is_readable: _,
        first: __,
        last: ___,
        hours: ____,
        row_count: rowCount,
        size_bytes: sizeBytes,
        ...rest
      } = one;
      parts.push({ segment: { ...rest, sizeBytes }, ranges: ranges.reverse(), rowCount });
    }
  }
  const clipped = changed.map((range) => ({ from: later(range.from, from), to: earlier(range.to, before) }));
  const dirty = joinedDirty(
    parts.flatMap(({ ranges }) => ranges),
    [...clipped, ...unreadable],
  );
  const newest = (one: CoveredPart) => one.ranges[0]?.to ?? "";
  parts.sort((one, other) => (newest(one) < newest(other) ? 1 : -1));
  return { parts, dirty: dirty.reverse() };
}

/**
 * Selects the segments with their clean hours. There may be 100,000 hours, so they are aggregated in one pass, and only
 * the segments whose hours have gaps are looked at more closely.
 */
function cleanSegments(ctx: Pick<Context, "files">, table: LogTableName, from: Instant, before: Instant): SQL {
  const stores = ctx.files.all.map(({ id }) => id);
  return sql`
    with marked as materialized (${markedHours(table, from, before)}),
    clean as (
      select segment_id, min(hour) as first, max(hour) as last, count(*) as hours, sum(row_count::float8) as row_count
      from segment_hours
      where log_table = ${table} and hour >= ${hourOf(from)} and hour < ${before}::timestamptz
        and dirty_seq is null and segment_id is not null and hour not in (select hour from marked)
      group by segment_id
    )
    select
      id, log_table as table, store, path, size_bytes, sha256,
      layout = ${SEGMENT_LAYOUT} and store in ${stores}
        ${damagedSegments.size === 0 ? sql`` : sql`and id not in ${[...damagedSegments]}`} as is_readable,
      ${instantText(sql`first`)} as first,
      ${instantText(sql`last`)} as last,
      hours,
      clean.row_count
    from clean
    join segments on segments.id = segment_id`;
}

/** Selects the ranges of adjacent dirty and marked hours, oldest first. */
function dirtyIslands(table: LogTableName, from: Instant, before: Instant): SQL {
  return sql`
    select
      ${instantText(sql`min(hour)`)} as from,
      ${instantText(sql`max(hour) + interval '1 hour'`)} as to
    from (
      select hour, hour - row_number() over (order by hour) * interval '1 hour' as island
      from (
        select hour
        from segment_hours
        where log_table = ${table} and hour >= ${hourOf(from)} and hour < ${before}::timestamptz and dirty_seq is not null
        union
        ${markedHours(table, from, before)}
      ) as changed
    ) as islands
    group by island
    order by min(hour)`;
}

function markedHours(table: LogTableName, from: Instant, before: Instant): SQL {
  return sql`
    select distinct hour
    from dirty_ranges
    cross join lateral generate_series(
      greatest(date_trunc('hour', starts_at, 'UTC'), ${hourOf(from)}),
      least(ends_at, ${before}::timestamptz) - interval '1 microsecond',
      interval '1 hour'
    ) as hour
    where log_table = ${table} and starts_at < ${before}::timestamptz and ends_at > ${from}::timestamptz`;
}

function hourOf(time: Instant): SQL {
  return sql`date_trunc('hour', ${time}::timestamptz, 'UTC')`;
}

/**
 * Returns the hours, between the first and the last one of a segment, whose rows in its file are no longer valid because
 * they are in another segment or were deleted.
 */
async function holesOf(
  db: Executor,
  table: LogTableName,
  segments: readonly Found[],
  changed: readonly TimeRange[],
): Promise<ReadonlyMap<string, TimeRange[]>> {
  const gapped = segments.filter(({ first, last, hours }) => {
    const whole = { from: first, to: hourAfter(last) };
    const valid = without(whole, changed).reduce((sum, range) => sum + hoursOf(range), 0);
    return valid !== hours;
  });
  const holes = new Map<string, TimeRange[]>();
  if (gapped.length === 0) return holes;
  const list = (values: readonly string[]) => sql`${`{${values.join(",")}}`}`;
  const rows = await db.execute(sql`
    select id, ${instantText(sql`hour`)} as hour
    from unnest(
      ${list(gapped.map(({ id }) => id))}::uuid[],
      ${list(gapped.map(({ first }) => first))}::timestamptz[],
      ${list(gapped.map(({ last }) => last))}::timestamptz[]
    ) as gapped (id, first, last)
    join segment_hours on log_table = ${table} and hour > first and hour < last
    where dirty_seq is null and segment_id is distinct from id
    order by segment_hours.hour`);
  for (const { id, hour } of z.array(hole).parse(rows)) {
    const ranges = holes.get(id) ?? [];
    holes.set(id, ranges);
    ranges.push({ from: hour, to: hourAfter(hour) });
  }
  return holes;
}

/** Subtracts ranges, in order, from a range. */
function without(whole: TimeRange, ranges: readonly TimeRange[]): TimeRange[] {
  const rest: TimeRange[] = [];
  let start = whole.from;
  for (const { from, to } of ranges) {
    if (to <= start) continue;
    if (from >= whole.to) break;
    if (from > start) rest.push({ from: start, to: from });
    start = to;
  }
  if (start < whole.to) rest.push({ from: start, to: whole.to });
  return rest;
}

/** Joins dirty ranges without a clean one between them: there are no rows in between. */
function joinedDirty(clean: readonly TimeRange[], dirty: readonly TimeRange[]): TimeRange[] {
  const all = [
    ...clean.map((range) => ({ range, isDirty: false })),
    ...dirty.map((range) => ({ range, isDirty: true })),
  ];
  const joined: TimeRange[] = [];
  let wasDirty = false;
  for (const { range, isDirty } of all.sort((one, other) => byStart(one.range, other.range))) {
    const last = joined.at(-1);
    if (isDirty && wasDirty && last) joined[joined.length - 1] = { from: last.from, to: range.to };
    else if (isDirty) joined.push(range);
    wasDirty = isDirty;
  }
  return joined;
}

const byStart = (one: TimeRange, other: TimeRange) => (one.from < other.from ? -1 : 1);
const hoursOf = ({ from, to }: TimeRange) => Math.round((Date.parse(to) - Date.parse(from)) / HOUR_MS);

function hourAfter(hour: Instant): Instant {
  return instantOf(new Date(Date.parse(hour) + HOUR_MS));
}

/** An Instant, whatever the time zone and the types of the caller's session. */
export function instantText(time: SQL): SQL {
  return sql`to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const later = (one: Instant, other: Instant) => (one > other ? one : other);
const earlier = (one: Instant, other: Instant) => (one < other ? one : other);

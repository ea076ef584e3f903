import { sql } from "drizzle-orm";
import { LOG_TABLE_NAMES, type LogTableName } from "@/server/catalog";
import { copyToParquet, maxRowBytes } from "@/server/columnar";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import { moveBlocks } from "@/server/services/segment-blocks";
import { SEGMENT_LAYOUT, type Segment, segmentFile } from "@/server/services/segment-files";
import type { Failures } from "./failures";
import { hourAfter } from "./hours";
import { insertSegment, lockHours, markReplaced } from "./record";
import { storeSegment, type Writing, withDraft } from "./store-segment";

/** The maximum rows of a merged segment, which limits the bytes that a late row causes to be written. */
const MAX_ROWS = 20_000_000;

interface Rule {
  readonly unit: "day" | "month";
  /** Merges this many segments in any case. */
  readonly count: number;
  /** Merges fewer when all but the largest have this share of its rows: otherwise one late row would copy a month. */
  readonly share: number;
}

const RULES: readonly Rule[] = [
  { unit: "day", count: 8, share: 0.2 },
  { unit: "month", count: 40, share: 0.2 },
];

interface Source extends Segment {
  readonly rowCount: number;
}

/**
 * Merges segments of one day, or of one past month, into one.
 * @param failures receives those that cannot be merged, and fewer or others are; without it, the error is thrown
 * @returns false if there is nothing to merge
 */
export async function compactOnce(writing: Writing, failures?: Failures): Promise<boolean> {
  for (const rule of RULES) {
    for (const table of LOG_TABLE_NAMES) {
      const sources = await chooseSources(
        writing.session.sql,
        table,
        rule,
        writing.ctx.files.all.map(({ id }) => id),
        failures?.segments.waiting() ?? [],
      );
      if (await mergeSome(writing, table, sources, failures)) return true;
    }
  }
  return false;
}

/** Merges segments, or after a failure the first half of them. */
async function mergeSome(
  writing: Writing,
  table: LogTableName,
  sources: readonly Source[],
  failures: Failures | undefined,
): Promise<boolean> {
  if (sources.length < 2) return false;
  const ids = sources.map(({ id }) => id);
  try {
    const isMerged = await merge(writing, table, sources);
    if (isMerged) failures?.segments.succeeded(ids);
    return isMerged;
  } catch (error) {
    // Its hours are dirty now, and are written from the rows.
    if (error instanceof AppError && error.code === "columnar.segment_damaged") return false;
    if (!failures) throw error;
    await failures.report(error, { table, segments: ids.length });
    if (ids.length === 2) failures.segments.failed(ids);
    return await mergeSome(writing, table, sources.slice(0, Math.ceil(ids.length / 2)), failures);
  }
}

/** Returns the segments of the newest period in which there are enough of them. */
async function chooseSources(
  db: SqlExecutor,
  table: LogTableName,
  { unit, count, share }: Rule,
  stores: readonly string[],
  except: readonly string[],
): Promise<Source[]> {
  const rows = await db<(Omit<Source, "sizeBytes" | "rowCount"> & { size_bytes: string; row_count: string })[]>`
    with live as (
      select *, date_trunc(${unit}, starts_at, 'UTC') as period
      from segments
      where log_table = ${table} and replaced_at is null and layout = ${SEGMENT_LAYOUT}
        and store = any(${[...stores]}::text[]) and id <> all(${[...except]}::uuid[]) and row_count < ${MAX_ROWS / 2}
        and date_trunc(${unit}, ends_at - interval '1 microsecond', 'UTC') = date_trunc(${unit}, starts_at, 'UTC')
    ),
    chosen as (
      select period
      from live
      group by period
      having count(*) >= 2
        and (
          count(*) >= ${count}::int
          or (
            -- The period is over.
            period < date_trunc(${unit}, now(), 'UTC')
            and sum(row_count) - max(row_count) >= ${share}::float8 * max(row_count)
          )
        )
      order by period desc
      limit 1
    )
    select id, log_table as table, store, path, size_bytes, sha256, row_count
    from live join chosen using (period)
    order by starts_at, id`;
  const sources: Source[] = [];
  let sum = 0;
  for (const { size_bytes, row_count, ...row } of rows) {
    sum += Number(row_count);
    if (sum > MAX_ROWS) break;
    sources.push({ ...row, sizeBytes: Number(size_bytes), rowCount: Number(row_count) });
  }
  return sources;
}

interface CleanHour {
  readonly hour: Instant;
  readonly id: string;
  readonly rows: number;
}

async function merge(writing: Writing, table: LogTableName, sources: readonly Source[]): Promise<boolean> {
  const { ctx, session, signal, step } = writing;
  const ids = sources.map(({ id }) => id);
  const found = await session.sql<{ hour: string; segment_id: string; row_count: string }[]>`
    select hour, segment_id, row_count
    from segment_hours
    where log_table = ${table} and segment_id = any(${ids}::uuid[]) and dirty_seq is null
    order by hour`;
  const clean = found.map(
    ({ hour, segment_id, row_count }): CleanHour => ({
      hour: toIsoMicroseconds(hour),
      id: segment_id,
      rows: Number(row_count),
    }),
  );
  if (clean.length === 0) return false;
  const files = new Map<string, string>();
  for (const source of sources) {
    if (clean.some(({ id }) => id === source.id)) files.set(source.id, await segmentFile(ctx, source));
  }
  await withDraft(ctx, async (file) => {
    // The ranges follow each other, so the rows need no sorting.
    const selects = rangesOfFiles(clean, files).map(
      (range) => sql`
        select * from read_parquet(${range.file}, hive_partitioning = false)
        where created_at >= ${range.from}::timestamptz and created_at < ${range.to}::timestamptz`,
    );
    const rowBytes = await maxRowBytes(ctx.columnar, [...files.values()]);
    const rows = sql.join(selects, sql` union all `);
    const copied = await copyToParquet(ctx.columnar, rows, file, rowBytes, { signal });
    await step("segments merged");
    const hours = clean.map(({ hour }) => hour);
    const stored = await storeSegment(writing, { table, file, copied, hours });
    const lost = clean.filter(({ hour, rows }) => (stored.counts.get(hour) ?? 0) !== rows);
    if (lost.length > 0) throw new Error(`The merged segment lacks rows of ${lost.length} hours.`);
    await step("merged file stored");
    await session.transaction(async (tx) => {
      await lockHours(tx, table, hours);
      await insertSegment(tx, table, stored, hours);
      await moveBlocks(tx, ids, stored.id);
      // Hours that changed since are dirty, and remain so.
      await tx`
        update segment_hours set segment_id = ${stored.id}
        from unnest(${hours}::timestamptz[], ${clean.map(({ id }) => id)}::uuid[]) as merged (hour, source)
        where log_table = ${table} and segment_hours.hour = merged.hour and segment_id = merged.source`;
      await tx`
        update segment_hours set segment_id = null, row_count = 0
        where log_table = ${table} and segment_id = any(${ids}::uuid[]) and dirty_seq is not null`;
      await markReplaced(tx, table);
      await step("merge recorded, not committed");
    });
  });
  return true;
}

/** Ranges of adjacent hours of one file, in order. */
function rangesOfFiles(
  clean: readonly CleanHour[],
  files: ReadonlyMap<string, string>,
): { file: string; from: Instant; to: Instant }[] {
  const ranges: { file: string; from: Instant; to: Instant }[] = [];
  for (const { hour, id } of clean) {
    const file = files.get(id) ?? "";
    const last = ranges.at(-1);
    if (last?.file === file && last.to === hour) last.to = hourAfter(hour);
    else ranges.push({ file, from: hour, to: hourAfter(hour) });
  }
  return ranges;
}

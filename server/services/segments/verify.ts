import { sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { z } from "zod";
import { type LogTableName, logTables } from "@/server/catalog";
import { connectForLongWork } from "@/server/db/client";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { coverageOf, type Executor, type Segment, segmentFile } from "@/server/services/segment-files";
import { hourAfter, inRanges } from "./hours";
import { countByHour } from "./store-segment";

export interface SegmentVerification {
  readonly table: LogTableName;
  readonly segments: number;
  /** Rows of the verified hours. */
  readonly rows: number;
  /** Keys of files that are damaged or missing. */
  readonly damaged: readonly string[];
  /** Hours whose rows differ in number from those of PostgreSQL. */
  readonly different_hours: readonly Instant[];
}

/**
 * Verifies the checksum of each segment of a log table, and compares the number of rows of each of its hours with
 * PostgreSQL, in a snapshot for each segment. What differs becomes dirty, and is written again. Segments that are
 * replaced meanwhile are not counted.
 */
export async function verifySegments(
  ctx: Context,
  table: LogTableName,
  { signal, onFile }: { signal: AbortSignal; onFile: (verified: number, total: number) => void },
): Promise<SegmentVerification> {
  const session = connectForLongWork(ctx.db.url, "batch-console verification of segments");
  try {
    const db = drizzle(session);
    const { parts } = await inSnapshot(db, (tx) => coverageOf(ctx, tx, table));
    const damaged: string[] = [];
    const different: Instant[] = [];
    let rows = 0;
    let segments = 0;
    for (const [index, { segment, ranges }] of parts.entries()) {
      signal.throwIfAborted();
      onFile(index, parts.length);
      // A file does not change, so no transaction is open while it is read.
      const inFile = await countFile(ctx, segment, signal);
      if (await isReplaced(db, segment)) continue;
      segments++;
      if (!inFile) {
        damaged.push(segment.path);
        continue;
      }
      const range = { from: ranges.at(-1)?.from ?? "", before: ranges[0]?.to ?? "" };
      for (const [hour, count] of await inSnapshot(db, (tx) => countRows(ctx, tx, segment, range))) {
        rows += count;
        if ((inFile.get(hour) ?? 0) !== count) different.push(hour);
      }
    }
    if (different.length > 0) {
      await ctx.db.sql`
        update segment_hours set dirty_seq = nextval('segment_dirty_seq')
        where log_table = ${table} and hour = any(${different}::timestamptz[])`;
    }
    return { table, segments, rows, damaged, different_hours: different };
  } finally {
    await session.end({ timeout: 1 });
  }
}

async function inSnapshot<T>(db: PostgresJsDatabase, work: (tx: Executor) => Promise<T>): Promise<T> {
  return await db.transaction(work, { isolationLevel: "repeatable read", accessMode: "read only" });
}

async function isReplaced(db: Executor, { id }: Segment): Promise<boolean> {
  const found = await db.execute(sql`select from segments where id = ${id} and replaced_at is null`);
  return found.length === 0;
}

const counted = z.array(z.object({ hour: z.string(), count: z.coerce.number() }));

/** The rows that PostgreSQL has of each hour for which a segment is valid. */
async function countRows(
  ctx: Context,
  tx: Executor,
  { id, table }: Segment,
  range: { readonly from: Instant; readonly before: Instant },
): Promise<Map<Instant, number>> {
  const { parts } = await coverageOf(ctx, tx, table, range);
  const ranges = parts.find(({ segment }) => segment.id === id)?.ranges ?? [];
  const hours = new Map<Instant, number>();
  for (const { from, to } of ranges) for (let hour = from; hour < to; hour = hourAfter(hour)) hours.set(hour, 0);
  const found = await tx.execute(sql`
    select
      to_char(date_trunc('hour', created_at, 'UTC') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as hour,
      count(*) as count
    from ${sql.identifier(logTables[table].tableName)}
    where created_at >= ${range.from}::timestamptz and created_at < ${range.before}::timestamptz
      and ${sql.raw(inRanges(ranges))}
    group by 1`);
  for (const { hour, count } of counted.parse(found)) hours.set(hour, count);
  return hours;
}

/** Returns undefined if the file is damaged or missing. @throws AppError files.* if its store is unavailable */
async function countFile(
  ctx: Context,
  segment: Segment,
  signal: AbortSignal,
): Promise<Map<Instant, number> | undefined> {
  try {
    return await countByHour(ctx, await segmentFile(ctx, segment), signal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "columnar.segment_damaged" || error.code === "columnar.file_damaged") return undefined;
    throw error;
  }
}

import { sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { coverageOf, segmentFile } from "@/server/services/segment-files";
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
 * PostgreSQL, in one snapshot. What differs becomes dirty, and is written again.
 */
export async function verifySegments(
  ctx: Context,
  table: LogTableName,
  { signal, onFile }: { signal: AbortSignal; onFile: (verified: number, total: number) => void },
): Promise<SegmentVerification> {
  const { tableName } = logTables[table];
  const damaged: string[] = [];
  const different: Instant[] = [];
  let rows = 0;
  const segments = await ctx.db.orm.transaction(
    async (tx) => {
      const { parts } = await coverageOf(ctx, tx, table);
      for (const [index, { segment, ranges }] of parts.entries()) {
        signal.throwIfAborted();
        onFile(index, parts.length);
        const inFile = await countFile(ctx, () => segmentFile(ctx, segment), signal);
        if (!inFile) {
          damaged.push(segment.path);
          continue;
        }
        const counted = await tx.execute<{ hour: Instant; count: string }>(sql`
          select
            to_char(date_trunc('hour', created_at, 'UTC') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as hour,
            count(*) as count
          from ${sql.identifier(tableName)}
          where created_at >= ${ranges.at(-1)?.from}::timestamptz and created_at < ${ranges[0]?.to}::timestamptz
            and ${sql.raw(inRanges(ranges))}
          group by 1`);
        const inTable = new Map(counted.map(({ hour, count }) => [hour, Number(count)]));
        for (const { from, to } of ranges) {
          for (let hour = from; hour < to; hour = hourAfter(hour)) {
            const count = inTable.get(hour) ?? 0;
            rows += count;
            if ((inFile.get(hour) ?? 0) !== count) different.push(hour);
          }
        }
      }
      return parts.length;
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  if (different.length > 0) {
    await ctx.db.sql`
      update segment_hours set dirty_seq = nextval('segment_dirty_seq')
      where log_table = ${table} and hour = any(${different}::timestamptz[])`;
  }
  return { table, segments, rows, damaged, different_hours: different };
}

/** Returns undefined if the file is damaged. @throws AppError files.* if its store is unavailable */
async function countFile(
  ctx: Context,
  open: () => Promise<string>,
  signal: AbortSignal,
): Promise<Map<Instant, number> | undefined> {
  try {
    return await countByHour(ctx, await open(), signal);
  } catch (error) {
    if (error instanceof AppError && error.code === "columnar.segment_damaged") return undefined;
    throw error;
  }
}

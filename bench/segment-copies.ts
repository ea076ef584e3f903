import { rm } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import type { LogTableName } from "@/server/catalog";
import { copyToParquet } from "@/server/columnar";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { insertSegment } from "@/server/services/segments/record";
import { storeSegment, withDraft } from "@/server/services/segments/store-segment";

const DAY_MS = 86_400_000;
/** Size of a row before compression; it only limits row groups of very long rows. */
const ROW_BYTES = 400;

interface Original {
  readonly id: string;
  readonly path: string;
  readonly row_count: number;
}

/**
 * Runs `work` while each segment of a table also exists `copies` times with earlier times, which PostgreSQL's tables do
 * not have: a large history in columns, without the hours that it takes to fill tables.
 * @param days the distance between copies: at least the time of all rows
 */
export async function withSegmentCopies(
  ctx: Context,
  { table, copies, days }: { table: LogTableName; copies: number; days: number },
  work: () => Promise<void>,
): Promise<void> {
  const originals = await ctx.db.sql<Original[]>`
    select id, path, row_count::float8 as row_count
    from segments where log_table = ${table} and replaced_at is null order by starts_at`;
  try {
    for (let copy = 1; copy <= copies; copy++) {
      for (const original of originals) await copySegment(ctx, table, original, copy * days);
    }
    await ctx.db.sql`analyze segment_blocks, segment_hours, segments`;
    await work();
  } finally {
    await removeCopies(ctx, table, originals);
  }
}

async function copySegment(ctx: Context, table: LogTableName, { id, path: file, row_count }: Original, days: number) {
  const shift = days * DAY_MS;
  const found = await ctx.db.sql<{ seconds: number }[]>`
    select extract(epoch from hour)::float8 as seconds from segment_hours where segment_id = ${id} order by hour`;
  const hours = found.map(({ seconds }) => instantOf(new Date(seconds * 1_000 - shift)));
  const source = path.join(ctx.config.dataDir, file);
  const stored = await withDraft(ctx, async (draft) => {
    const shifted = sql`created_at - to_microseconds(${sql.raw(String(shift * 1_000))})`;
    await copyToParquet(
      ctx.columnar,
      sql`select * replace (${shifted} as created_at) from read_parquet(${source})`,
      draft,
      ROW_BYTES,
    );
    const signal = new AbortController().signal;
    return await storeSegment({ ctx, signal }, { table, file: draft, copied: row_count, hours });
  });
  await ctx.db.sql.begin(async (tx) => {
    await insertSegment(tx, table, stored, hours);
    const interval = `${days} days`;
    await tx`
      insert into segment_hours (log_table, hour, segment_id, row_count)
      select log_table, hour - ${interval}::interval, ${stored.id}, row_count
      from segment_hours where segment_id = ${id}`;
    await tx`
      insert into segment_blocks (segment_id, starts_at, ends_at, row_count, filter)
      select ${stored.id}, starts_at - ${interval}::interval, ends_at - ${interval}::interval, row_count, filter
      from segment_blocks where segment_id = ${id}`;
  });
}

async function removeCopies(ctx: Context, table: LogTableName, originals: readonly Original[]): Promise<void> {
  const kept = originals.map(({ id }) => id);
  const files = await ctx.db.sql.begin(async (tx) => {
    await tx`delete from segment_hours where log_table = ${table} and segment_id <> all(${kept}::uuid[])`;
    return await tx<{ path: string }[]>`
      delete from segments where log_table = ${table} and id <> all(${kept}::uuid[]) returning path`;
  });
  for (const file of files) await rm(path.join(ctx.config.dataDir, file.path), { force: true });
}

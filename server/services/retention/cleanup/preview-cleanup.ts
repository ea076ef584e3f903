import { statfs } from "node:fs/promises";
import { type LogTableName, logTables } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { listPartitions, type Partition } from "@/server/db/partitions";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { ArchivePreview, ExpiryPreview, MonthPreview } from "../contract";
import { type Expiry, expiredSql, isWhollyExpired } from "./expiry";
import { expiredRowBytes } from "./row-bytes";

/**
 * Counts in one snapshot the rows that a cleanup would delete, with the same predicate.
 * @param withinMs statement timeout in milliseconds; by default none
 */
export async function previewExpired(
  ctx: Context,
  table: LogTableName,
  expiry: Expiry,
  withinMs?: number,
): Promise<ExpiryPreview> {
  const end = withinMs === undefined ? undefined : performance.now() + withinMs;
  return await ctx.db.sql.begin("isolation level repeatable read read only", async (tx) => {
    const months: (MonthPreview & Ends)[] = [];
    for (const partition of await listPartitions(tx, logTables[table].tableName)) {
      if (end !== undefined) await stopAt(tx, end);
      months.push(
        partition.from < expiry.cutoff
          ? await countMonth(tx, table, partition, expiry)
          : await estimateMonth(tx, partition),
      );
    }
    return {
      matched_count: sum(months, (month) => month.matched_count),
      matched_bytes: sum(months, (month) => month.matched_bytes),
      oldest: months.find((month) => month.oldest !== null)?.oldest ?? null,
      newest: months.findLast((month) => month.newest !== null)?.newest ?? null,
      months: months.map(({ oldest: _, newest: __, ...month }) => month),
    };
  });
}

/** Makes PostgreSQL cancel further statements of the transaction at `end`, by performance.now(). */
async function stopAt(tx: SqlExecutor, end: number): Promise<void> {
  const left = Math.max(1, Math.ceil(end - performance.now()));
  await tx`select set_config('statement_timeout', ${String(left)}, true)`;
}

interface Ends {
  readonly oldest: Instant | null;
  readonly newest: Instant | null;
}

async function countMonth(
  tx: SqlExecutor,
  table: LogTableName,
  partition: Partition,
  expiry: Expiry,
): Promise<MonthPreview & Ends> {
  const where = expiredSql(expiry);
  const [row] = await tx.unsafe<
    { total: string; matched: string; oldest: string | null; newest: string | null; bytes: string }[]
  >(
    `select
       count(*) as total,
       count(*) filter (where ${where}) as matched,
       min(created_at) filter (where ${where}) as oldest,
       max(created_at) filter (where ${where}) as newest,
       pg_total_relation_size(${partition.oid}::oid) as bytes
     from ${partition.name}`,
  );
  const total = Number(row?.total ?? 0);
  const matched = Number(row?.matched ?? 0);
  const isWhole = isWhollyExpired(expiry, partition);
  const bytesOf = async () => {
    if (matched === 0) return 0;
    if (isWhole) return Number(row?.bytes ?? 0);
    return Math.round(matched * (await expiredRowBytes(tx, table, partition, expiry)));
  };
  return {
    month: partition.month,
    matched_count: matched,
    kept_count: total - matched,
    kept_count_is_exact: true,
    matched_bytes: await bytesOf(),
    is_whole: isWhole,
    oldest: row?.oldest ? toIsoMicroseconds(row.oldest) : null,
    newest: row?.newest ? toIsoMicroseconds(row.newest) : null,
  };
}

async function estimateMonth(tx: SqlExecutor, partition: Partition): Promise<MonthPreview & Ends> {
  const [row] = await tx<{ rows: string }[]>`
    select greatest(reltuples, pg_stat_get_live_tuples(oid), 0)::bigint as rows
    from pg_class
    where oid = ${partition.oid}::oid`;
  return {
    month: partition.month,
    matched_count: 0,
    kept_count: Number(row?.rows ?? 0),
    kept_count_is_exact: false,
    matched_bytes: 0,
    is_whole: false,
    oldest: null,
    newest: null,
  };
}

/** Bytes of a compressed row, until an archive of this table provides an average; a conservative estimate. */
const BYTES_PER_ROW = 100;

/** The location and estimated size of the archive of `rows` rows. */
export async function previewArchive(ctx: Context, table: LogTableName, rows: number): Promise<ArchivePreview> {
  const [known] = await ctx.db.sql<{ bytes: number | null }[]>`
    select (sum(size_bytes) / nullif(sum(row_count), 0))::float8 as bytes
    from archives
    where table_name = ${table} and state <> 'writing'`;
  return {
    place: `archives/${table}`,
    estimated_bytes: Math.round(rows * (known?.bytes ?? BYTES_PER_ROW)),
    free_bytes: await freeBytes(ctx.config.dataDir),
  };
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}

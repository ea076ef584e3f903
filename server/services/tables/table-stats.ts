import { getTableName, is, sql } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { sharedRead } from "@/server/cache";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import { readBounds } from "@/server/db/partitions";
import * as schema from "@/server/db/schema";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Context, Principal } from "@/server/process/context";
import { countAll, firstTime, readingOf, readUnlocked } from "@/server/services/logs";
import type { TableStats } from "./contract";

const EXACT_UP_TO = 50_000;

const CACHE_SECONDS = 5;

/** Returns statistics cached for up to 5 seconds, unless `principal` made a change since. */
export function cachedTableStats(ctx: Context, principal: Principal, table: LogTableName): Promise<TableStats> {
  return sharedRead(ctx, principal, ["stats", ctx.config.timeZone, table], CACHE_SECONDS, () =>
    tableStats(readingOf(ctx, table), table),
  );
}

/**
 * Reads sizes, rows, partitions, index usage and vacuum state of a log table. No lock outlives a statement or is waited
 * for; a partition that is being dropped has the sizes of its last vacuum.
 */
export async function tableStats(ctx: Context, name: LogTableName): Promise<TableStats> {
  const { tableName } = logTables[name];
  const figures =
    (await readUnlocked(ctx, (db) => readFigures(db, tableName, "exact"))) ??
    (await readFigures(ctx.db.read, tableName, "estimated"));
  const { partitions, indexes } = figures;
  const required = requiredIndexes(tableName);
  const names = partitions.map((partition) => partition.name);
  const expected = total(partitions, (row) => row.rows);
  const [oldest, newest, counts] = await Promise.all([
    firstTime(ctx, "min", names),
    firstTime(ctx, "max", names.toReversed()),
    // An estimate far above the limit needs no exact count.
    expected > 2 * EXACT_UP_TO ? undefined : countAll(ctx, names, EXACT_UP_TO),
  ]);
  const counted = counts && [...counts.values()].reduce((sum, count) => sum + count, 0);
  const tableBytes = total(partitions, (row) => row.table_bytes);
  const indexBytes = total(partitions, (row) => row.index_bytes);
  return {
    table_name: tableName,
    row_count: counted ?? expected,
    row_count_is_exact: counted !== undefined,
    total_bytes: tableBytes + indexBytes,
    table_bytes: tableBytes,
    index_bytes: indexBytes,
    oldest,
    newest,
    dead_rows: total(partitions, (row) => row.dead_rows),
    last_vacuum: latest(partitions.map((row) => row.last_vacuum)),
    last_analyze: latest(partitions.map((row) => row.last_analyze)),
    indexes: indexes.map((index) => ({
      name: index.name,
      bytes: Number(index.bytes),
      scans: Number(index.scans),
      unused: index.unused,
      is_required: required.has(index.name),
    })),
    statistics_reset_at: figures.resetAt === null ? null : toIsoMicroseconds(figures.resetAt),
    partitions: partitions.map((row) => ({
      name: row.name,
      ...readBounds(row.bounds),
      row_count: counts?.get(row.name) ?? Number(row.rows),
      bytes: Number(row.table_bytes) + Number(row.index_bytes),
    })),
  };
}

type PartitionRow = {
  name: string;
  bounds: string;
  rows: string;
  table_bytes: string;
  index_bytes: string;
  dead_rows: string;
  last_vacuum: string | null;
  last_analyze: string | null;
};

type IndexRow = { name: string; bytes: string; scans: string; unused: boolean };

/** A shorter time misses what runs once a week. */
const UNUSED_DAYS = 7;

/** Returns the names of the indexes that the schema declares: each serves a filter or detects duplicates. */
function requiredIndexes(tableName: string): ReadonlySet<string> {
  const table = Object.values(schema).find((one) => is(one, PgTable) && getTableName(one) === tableName);
  if (!is(table, PgTable)) throw new Error(`Not in the schema: ${tableName}`);
  const { indexes, primaryKeys } = getTableConfig(table);
  return new Set([
    ...indexes.flatMap(({ config }) => config.name ?? []),
    ...primaryKeys.map((key) => key.getName() ?? `${tableName}_pkey`),
  ]);
}

async function readFigures(
  db: Orm,
  tableName: string,
  sizes: "exact" | "estimated",
): Promise<{ partitions: PartitionRow[]; indexes: IndexRow[]; resetAt: string | null }> {
  const isExact = sizes === "exact";
  const partitions = await db.execute<PartitionRow>(sql`
    select
      child.relname as name,
      pg_get_expr(child.relpartbound, 0) as bounds,
      greatest(child.reltuples, stat.n_live_tup, 0)::bigint as rows,
      ${isExact ? sql`pg_table_size(child.oid)` : pages("child")} as table_bytes,
      ${
        isExact
          ? sql`pg_indexes_size(child.oid)`
          : sql`(select coalesce(sum(${pages("i")}), 0) from pg_index join pg_class i on i.oid = indexrelid where indrelid = child.oid)`
      } as index_bytes,
      stat.n_dead_tup as dead_rows,
      greatest(stat.last_vacuum, stat.last_autovacuum)::text as last_vacuum,
      greatest(stat.last_analyze, stat.last_autoanalyze)::text as last_analyze
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    join pg_stat_all_tables stat on stat.relid = child.oid
    where inhparent = ${tableName}::regclass
    order by bounds`);
  const indexes = await db.execute<IndexRow>(sql`
    select
      parent.relname as name,
      coalesce(sum(${isExact ? sql`pg_relation_size(child.oid)` : pages("child")}), 0) as bytes,
      coalesce(sum(stat.idx_scan), 0) as scans,
      coalesce(
        (
          select
            min(at) <= now() - make_interval(days => ${UNUSED_DAYS}::int)
            and not bool_or(max > before)
            and coalesce(max(reset_at), '-infinity') <= now() - make_interval(days => ${UNUSED_DAYS}::int)
          from (
            select at, max, lag(min) over (order by at) as before, reset_at
            from metrics
            cross join (
              select stats_reset as reset_at from pg_stat_database where datname = current_database()
            ) as statistics
            where grain = 'hour' and name = 'index_scans' and label = parent.relname
              and at > now() - make_interval(days => ${UNUSED_DAYS}::int, hours => 2)
          ) as hours
        ),
        false
      ) as unused
    from pg_index
    join pg_class parent on parent.oid = pg_index.indexrelid
    left join pg_inherits on inhparent = parent.oid
    left join pg_class child on child.oid = inhrelid
    left join pg_stat_all_indexes stat on stat.indexrelid = child.oid
    where pg_index.indrelid = ${tableName}::regclass
    group by parent.relname
    order by parent.relname`);
  const [statistics] = await db.execute<{ reset_at: string | null }>(sql`
    select stats_reset::text as reset_at from pg_stat_database where datname = current_database()`);
  return { partitions, indexes, resetAt: statistics?.reset_at ?? null };
}

/** Returns a sum over the partitions. Values of a concurrently dropped partition are null and count as zero. */
function total(partitions: readonly PartitionRow[], pick: (row: PartitionRow) => string | null): number {
  return partitions.reduce((sum, row) => sum + Number(pick(row) ?? 0), 0);
}

/** Returns the SQL expression of a size as of the last vacuum or analyze, which requires no lock. */
function pages(alias: string) {
  return sql`(${sql.identifier(alias)}.relpages::bigint * current_setting('block_size')::bigint)`;
}

function latest(times: (string | null)[]): string | null {
  const last = times
    .filter((time) => time !== null)
    .sort()
    .at(-1);
  return last === undefined ? null : toIsoMicroseconds(last);
}

import { stat } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { logTableList } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import type { Context } from "@/server/process/context";
import { type DiskUse, diskUse } from "@/server/services/health";
import { readUnlocked } from "@/server/services/logs";
import { databaseVolume } from "@/server/services/metrics";

/** The disks, as far as this process can measure them. */
export interface Disks {
  readonly data: DiskUse;
  /** Null if unknown. */
  readonly database: DiskUse | null;
  /** Whether both are one. */
  readonly isShared: boolean;
}

export async function readDisks(ctx: Context): Promise<Disks> {
  const { dataDir } = ctx.config;
  const [data, volume] = await Promise.all([diskUse(ctx), databaseVolume(ctx)]);
  if (volume === null) return { data, database: null, isShared: false };
  const [database, ...devices] = await Promise.all([
    diskUse(ctx, volume),
    ...[dataDir, volume].map(async (folder) => (await stat(folder)).dev),
  ]);
  return { data, database, isShared: devices[0] === devices[1] };
}

export interface DatabaseSizes {
  readonly tables: number;
  readonly indexes: number;
  readonly database: number;
}

/** Sizes in PostgreSQL. Tables that are locked have the size of their last vacuum. */
export async function readDatabaseSizes(ctx: Context): Promise<DatabaseSizes> {
  const [row] =
    (await readUnlocked(ctx, (db) =>
      readRelations(db, sql`pg_table_size(child.oid)`, sql`pg_indexes_size(child.oid)`),
    )) ??
    (await readRelations(
      ctx.db.read,
      sql`child.relpages::bigint * current_setting('block_size')::bigint`,
      sql`(
        select coalesce(sum(i.relpages::bigint * current_setting('block_size')::bigint), 0)
        from pg_index join pg_class i on i.oid = indexrelid where indrelid = child.oid
      )`,
    ));
  const tables = Number(row?.tables ?? 0);
  const indexes = Number(row?.indexes ?? 0);
  return { tables, indexes, database: Math.max(0, Number(row?.total ?? 0) - tables - indexes) };
}

async function readRelations(db: Orm, table: ReturnType<typeof sql>, indexes: ReturnType<typeof sql>) {
  const names = logTableList.map(({ tableName }) => tableName);
  return await db.execute<{ tables: string; indexes: string; total: string }>(sql`
    select
      coalesce(sum(${table}), 0) as tables,
      coalesce(sum(${indexes}), 0) as indexes,
      pg_database_size(current_database()) as total
    from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent in (select to_regclass(name) from unnest(array[${sql.join(names, sql`, `)}]::text[]) as name)`);
}

export interface FileSizes {
  readonly store: string | null;
  readonly part: "archives" | "exports" | "segments";
  readonly bytes: number;
}

/** The recorded sizes of files by their store. */
export async function readFileSizes(ctx: Context): Promise<FileSizes[]> {
  return await ctx.db.read.$client<FileSizes[]>`
    select store, part, sum(size_bytes)::float8 as bytes
    from (
      select store, 'archives' as part, size_bytes from archives where state in ('pending', 'removed')
      union all
      select store, 'exports', size_bytes from exports
      union all
      select store, 'segments', size_bytes from segments
    ) as files
    group by store, part
    order by part`;
}

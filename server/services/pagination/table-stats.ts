import { sql } from "drizzle-orm";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/context";
import type { Orm } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { causeCode } from "@/server/errors";

/** The contract's answer to GET /table-stats/TABLE. Sizes in bytes, times ISO 8601 UTC. */
export interface TableStats {
  readonly table_name: string;
  readonly row_count: number;
  /** False above 50,000 rows: then it is what PostgreSQL's statistics say. */
  readonly row_count_is_exact: boolean;
  readonly total_bytes: number;
  readonly table_bytes: number;
  readonly index_bytes: number;
  readonly oldest: string | null;
  readonly newest: string | null;
  readonly dead_rows: number;
  readonly last_vacuum: string | null;
  readonly last_analyze: string | null;
  /** One of the table is one a partition; their figures are added up. */
  readonly indexes: {
    readonly name: string;
    readonly bytes: number;
    readonly scans: number;
    readonly unused: boolean;
  }[];
  readonly partitions: {
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly row_count: number;
    readonly bytes: number;
  }[];
}

const EXACT_UP_TO = 50_000;
/** Exact sizes need a lock on each partition. Where one is being dropped they are estimated instead of waited for. */
const LOCK_TIMEOUT_MS = { exact: 200, estimated: 3_000 };

/**
 * Sizes, rows, partitions, index use and vacuum state of a log table.
 * @throws AppError UNAVAILABLE (by toAppError) when the table stays locked for more than 3 seconds
 */
export async function tableStats(ctx: Context, name: LogTableName): Promise<TableStats> {
  const { tableName } = logTables[name];
  try {
    return await readStats(ctx.db.orm, tableName, "exact");
  } catch (error) {
    if (causeCode(error) !== LOCK_NOT_AVAILABLE) throw error;
    return await readStats(ctx.db.orm, tableName, "estimated");
  }
}

const LOCK_NOT_AVAILABLE = "55P03";

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

type IndexRow = { name: string; bytes: string; scans: string };

async function readStats(orm: Orm, tableName: string, sizes: "exact" | "estimated"): Promise<TableStats> {
  return await orm.transaction(
    async (tx) => {
      await tx.execute(sql`set local lock_timeout = ${sql.raw(String(LOCK_TIMEOUT_MS[sizes]))}`);
      const partitions = await tx.execute<PartitionRow>(sql`
        select
          child.relname as name,
          pg_get_expr(child.relpartbound, child.oid) as bounds,
          greatest(child.reltuples, stat.n_live_tup, 0)::bigint as rows,
          ${sizes === "exact" ? sql`pg_table_size(child.oid)` : pages("child")} as table_bytes,
          ${
            sizes === "exact"
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
      const indexes = await tx.execute<IndexRow>(sql`
        select
          parent.relname as name,
          coalesce(sum(${sizes === "exact" ? sql`pg_relation_size(child.oid)` : pages("child")}), 0) as bytes,
          coalesce(sum(stat.idx_scan), 0) as scans
        from pg_index
        join pg_class parent on parent.oid = pg_index.indexrelid
        left join pg_inherits on inhparent = parent.oid
        left join pg_class child on child.oid = inhrelid
        left join pg_stat_all_indexes stat on stat.indexrelid = child.oid
        where pg_index.indrelid = ${tableName}::regclass
        group by parent.relname
        order by parent.relname`);
      const table = sql.identifier(tableName);
      const [ends] = await tx.execute<{ oldest: string | null; newest: string | null; counted: string }>(sql`
        select
          (select min(created_at) from ${table}) as oldest,
          (select max(created_at) from ${table}) as newest,
          (select count(*) from (select 1 from ${table} limit ${EXACT_UP_TO + 1}) as bounded) as counted`);
      const counted = Number(ends?.counted ?? 0);
      const total = (pick: (row: PartitionRow) => string) =>
        partitions.reduce((sum, row) => sum + Number(pick(row)), 0);
      const tableBytes = total((row) => row.table_bytes);
      const indexBytes = total((row) => row.index_bytes);
      return {
        table_name: tableName,
        row_count:
          counted <= EXACT_UP_TO
            ? counted
            : Math.max(
                counted,
                total((row) => row.rows),
              ),
        row_count_is_exact: counted <= EXACT_UP_TO,
        total_bytes: tableBytes + indexBytes,
        table_bytes: tableBytes,
        index_bytes: indexBytes,
        oldest: isoOrNull(ends?.oldest),
        newest: isoOrNull(ends?.newest),
        dead_rows: total((row) => row.dead_rows),
        last_vacuum: latest(partitions.map((row) => row.last_vacuum)),
        last_analyze: latest(partitions.map((row) => row.last_analyze)),
        indexes: indexes.map(({ name, bytes, scans }) => ({
          name,
          bytes: Number(bytes),
          scans: Number(scans),
          unused: Number(scans) === 0,
        })),
        partitions: partitions.map((row) => ({
          name: row.name,
          ...readBounds(row.bounds),
          row_count: Number(row.rows),
          bytes: Number(row.table_bytes) + Number(row.index_bytes),
        })),
      };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** Size as of the last vacuum or analyze, which takes no lock to read. */
function pages(alias: string) {
  return sql`(${sql.identifier(alias)}.relpages::bigint * current_setting('block_size')::bigint)`;
}

/** `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00')`, as PostgreSQL shows it in UTC. */
function readBounds(text: string): { from: string; to: string } {
  const [, from = "", to = ""] = /FROM \('([^']*)'\) TO \('([^']*)'\)/.exec(text) ?? [];
  return { from: toIsoMicroseconds(from), to: toIsoMicroseconds(to) };
}

function isoOrNull(text: string | null | undefined): string | null {
  return text ? toIsoMicroseconds(text) : null;
}

function latest(times: (string | null)[]): string | null {
  return isoOrNull(
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1),
  );
}

import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { wholeQuotient } from "@/server/columnar";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { ReadFilters } from "../filters";
import { inColumns } from "./plan";
import { selectDirty, validRows } from "./valid-rows";

/** Counts the matching rows exactly; undefined if columns cannot. @throws an error for which isTimeout is true */
export async function countInColumns(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  milliseconds: number,
): Promise<number | undefined> {
  const count = sql`count(*)::bigint as count`;
  const groups = await aggregate(ctx, table, filters, milliseconds, { columnar: count, postgres: count });
  return groups?.reduce((sum, row) => sum + Number(row.count), 0);
}

export interface BucketCount {
  /** From 1. */
  readonly bucket: number;
  readonly class: number | null;
  readonly count: number;
}

/** Counts the matching rows between edges, by the hundreds of a column; undefined if columns cannot. */
export async function countBucketsInColumns(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  milliseconds: number,
  { edges, status }: { readonly edges: readonly Instant[]; readonly status?: string },
): Promise<BucketCount[] | undefined> {
  const name = status === undefined ? undefined : sql.identifier(status);
  const groups = await aggregate(
    ctx,
    table,
    filters,
    milliseconds,
    {
      columnar: sql`
        ${bucketBetween(edges, 0, edges.length)} as bucket,
        ${name ? wholeQuotient(sql`${name}`, sql`100`) : sql`0`} as class,
        count(*) as count`,
      postgres: sql`
        width_bucket(created_at, ${`{${edges.join(",")}}`}::timestamptz[]) as bucket,
        ${name ? sql`${name} / 100` : sql`0`} as class,
        count(*) as count`,
    },
    sql`group by 1, 2`,
  );
  if (!groups) return undefined;
  const counts = new Map<string, BucketCount>();
  for (const row of groups) {
    const key = `${row.bucket} ${row.class}`;
    const count = (counts.get(key)?.count ?? 0) + Number(row.count);
    counts.set(key, { bucket: Number(row.bucket), class: row.class === null ? null : Number(row.class), count });
  }
  return [...counts.values()];
}

/** The number of edges, between two of them, that are not after created_at: a binary search. */
function bucketBetween(edges: readonly Instant[], low: number, high: number): SQL {
  const middle = Math.floor((low + high) / 2);
  const edge = edges[middle];
  if (low === high || edge === undefined) return sql.raw(String(low));
  const before = bucketBetween(edges, low, middle);
  const after = bucketBetween(edges, middle + 1, high);
  return sql`case when created_at < ${edge}::timestamptz then ${before} else ${after} end`;
}

/** Reads groups of the clean rows from columns and of the dirty ones from PostgreSQL. */
async function aggregate(
  ctx: Context,
  table: BrowsedTable,
  filters: ReadFilters,
  milliseconds: number,
  list: { readonly columnar: SQL; readonly postgres: SQL },
  grouping = sql``,
): Promise<Record<string, unknown>[] | undefined> {
  const { from, before, columns, columnar } = filters;
  return await inColumns(ctx, table, filters, milliseconds, async (plan) => {
    const { db, parts, dirty, archived, signal, filesOf } = plan;
    const files = await filesOf(parts);
    const source = sql.identifier(table.tableName).getSQL();
    const archivedRows = await archived?.rowsIn();
    const others = archivedRows ? [archivedRows] : [];
    const valid = () => validRows(files, { from, to: before }, columnar, others);
    const clean =
      files.length + others.length === 0
        ? []
        : plan.engine.query(sql`select ${list.columnar} from ${valid()} ${grouping}`, { signal });
    const changed =
      dirty.length === 0
        ? []
        : db.execute(sql`select ${list.postgres} from ${selectDirty(source, dirty, sql`*`, columns)} ${grouping}`);
    return (await Promise.all([clean, changed])).flatMap((rows): Record<string, unknown>[] => [...rows]);
  });
}

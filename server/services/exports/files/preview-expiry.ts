import { toIsoMicroseconds } from "@/server/db/schema/types";
import type { Instant } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import { type ExpiryRule, isExpiredSql } from "./remove";

/** Exports created in a month (UTC): those to remove and those to keep. */
export interface ExportsMonth {
  readonly month: string;
  readonly matched_count: number;
  readonly matched_bytes: number;
  readonly kept_count: number;
}

export interface ExpiryPreview {
  readonly matched_count: number;
  readonly matched_bytes: number;
  /** Creation time of the first and last export to remove. */
  readonly oldest: Instant | null;
  readonly newest: Instant | null;
  readonly months: readonly ExportsMonth[];
}

/** Previews expireExports, month by month, oldest first. */
export async function previewExpiry(ctx: Context, rule: ExpiryRule): Promise<ExpiryPreview> {
  const sql = ctx.db.read.$client;
  const isExpired = isExpiredSql(sql, rule);
  const rows = await sql<
    { month: string; total: number; matched: number; bytes: number; oldest: string | null; newest: string | null }[]
  >`
    select
      to_char(created_at at time zone 'UTC', 'YYYY-MM') as month,
      count(*)::int as total,
      count(*) filter (where ${isExpired})::int as matched,
      coalesce(sum(size_bytes) filter (where ${isExpired}), 0)::float8 as bytes,
      min(created_at) filter (where ${isExpired}) as oldest,
      max(created_at) filter (where ${isExpired}) as newest
    from exports
    group by month
    order by month`;
  const oldest = rows.find((row) => row.oldest !== null)?.oldest;
  const newest = rows.findLast((row) => row.newest !== null)?.newest;
  return {
    matched_count: rows.reduce((sum, { matched }) => sum + matched, 0),
    matched_bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: oldest ? toIsoMicroseconds(oldest) : null,
    newest: newest ? toIsoMicroseconds(newest) : null,
    months: rows.map(({ month, total, matched, bytes }) => ({
      month,
      matched_count: matched,
      matched_bytes: bytes,
      kept_count: total - matched,
    })),
  };
}

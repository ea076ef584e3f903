import type { LogTableName } from "@/server/catalog";
import type { SqlExecutor } from "@/server/db/client";
import { toIsoMicroseconds } from "@/server/db/schema/types";
import { type Instant, instantOf } from "@/server/lib/time";

/** From `from` (inclusive) to `before` (exclusive). */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

/** The rows that a cleanup deletes: those older than `cutoff`, outside all retained periods. */
export interface Expiry {
  readonly cutoff: Instant;
  readonly retained: readonly Period[];
}

const DAY_MS = 86_400_000;

/** The moment `days` days before `now`. */
export function cutoffOf(now: Date, days: number): Instant {
  return instantOf(new Date(now.getTime() - days * DAY_MS));
}

/**
 * The restored periods of `table` that are still to be retained.
 * @param at the time of evaluation; by default now, by PostgreSQL's clock
 */
export async function retainedPeriods(sql: SqlExecutor, table: LogTableName, at?: Instant): Promise<Period[]> {
  const rows = await sql<{ starts_at: string; ends_at: string }[]>`
    select starts_at, ends_at
    from restored_periods
    where table_name = ${table} and keep_until > coalesce(${at ?? null}::timestamptz, now())
    order by starts_at`;
  return rows.map((row) => ({ from: toIsoMicroseconds(row.starts_at), to: toIsoMicroseconds(row.ends_at) }));
}

/**
 * The one predicate of dry run, archive and delete, as SQL text, because COPY takes no parameters.
 * @throws for an invalid instant
 */
export function expiredSql({ cutoff, retained }: Expiry, column = "created_at"): string {
  const before = (instant: Instant) => `${column} < ${literal(instant)}`;
  return [
    before(cutoff),
    ...retained.map(({ from, to }) => `not (${column} >= ${literal(from)} and ${before(to)})`),
  ].join(" and ");
}

/** Whether the whole `period` has expired. */
export function isWhollyExpired({ cutoff, retained }: Expiry, period: Period): boolean {
  return period.to <= cutoff && !retained.some(({ from, to }) => from < period.to && to > period.from);
}

/** Whether nothing of `period` can have expired. */
export function isWhollyRetained({ cutoff, retained }: Expiry, period: Period): boolean {
  return period.from >= cutoff || retained.some(({ from, to }) => from <= period.from && to >= period.to);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function literal(instant: Instant): string {
  if (!INSTANT.test(instant)) throw new Error(`Not an instant: ${instant}`);
  return `timestamptz '${instant}'`;
}

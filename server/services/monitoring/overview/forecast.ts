import type { Context } from "@/server/context";
import { diskUse } from "@/server/services/health";

/** What comes if things go on as they do. */
export interface Forecast {
  /** Over the last 7 days, or since measuring began; null in its first hour. */
  readonly rows_per_day: number | null;
  /** Days until the disk of DATA_DIR is as full as its alert; null where it does not grow, or is not measured long enough. */
  readonly days_until_disk_full: number | null;
  /** 0 to 1. */
  readonly disk_used: number;
  readonly disk_free_bytes: number;
  /** Share at which the disk counts as full. */
  readonly disk_limit: number;
  /** Bytes a day that the database grows; null while not measured long enough. */
  readonly database_growth: number | null;
}

const LEAST_HOURS = 3;

/** Straight lines through what was measured by the hour in the last 7 days. */
export async function forecast(ctx: Context, diskLimit: number): Promise<Forecast> {
  const { sql } = ctx.db;
  const [disk, events, slopes] = await Promise.all([
    diskUse(ctx),
    sql<{ rows: number | null; hours: number }[]>`
      select sum(sum)::float8 as rows, extract(epoch from now() - min(at))::float8 / 3600 as hours
      from measures
      where grain = 'hour' and name = 'events_inserted' and at > now() - interval '7 days'`,
    sql<{ name: string; per_day: number | null }[]>`
      select name, regr_slope(sum / count, extract(epoch from at) / 86400)::float8 as per_day
      from measures
      where grain = 'hour' and at > now() - interval '7 days'
        and ((name = 'disk_free_bytes' and label = 'data') or name = 'database_bytes')
      group by name
      having count(*) >= ${LEAST_HOURS}`,
  ]);
  const { rows = null, hours = 0 } = events[0] ?? {};
  const perDay = (name: string) => slopes.find((slope) => slope.name === name)?.per_day ?? null;
  const shrinks = perDay("disk_free_bytes");
  const left = disk.totalBytes * diskLimit - (disk.totalBytes - disk.freeBytes);
  return {
    rows_per_day: rows === null || hours < 1 ? null : (rows / hours) * 24,
    days_until_disk_full: left <= 0 ? 0 : shrinks === null || shrinks >= 0 ? null : left / -shrinks,
    disk_used: disk.used,
    disk_free_bytes: disk.freeBytes,
    disk_limit: diskLimit,
    database_growth: perDay("database_bytes"),
  };
}

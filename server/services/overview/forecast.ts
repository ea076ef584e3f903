import type { Context } from "@/server/process/context";
import { knownDisks } from "@/server/services/metrics";
import type { Forecast } from "./contract";
import { MIN_HISTORY_HOURS } from "./history";

/** Linear regression over the hourly metrics of the last 7 days. */
export async function forecast(ctx: Context, diskLimit: number): Promise<Forecast> {
  const sql = ctx.db.read.$client;
  const [disks, events, slopes] = await Promise.all([
    knownDisks(ctx),
    sql<{ rows: number | null; hours: number }[]>`
      select sum(sum)::float8 as rows, extract(epoch from now() - min(at))::float8 / 3600 as hours
      from metrics
      where grain = 'hour' and name = 'events_inserted' and at > now() - interval '7 days'`,
    sql<{ name: string; label: string; per_day: number | null }[]>`
      select name, label, regr_slope(sum / count, extract(epoch from at) / 86400)::float8 as per_day
      from metrics
      where grain = 'hour' and at > now() - interval '7 days' and name in ('disk_free_bytes', 'database_bytes')
      group by name, label
      having max(at) - min(at) >= make_interval(hours => ${MIN_HISTORY_HOURS})`,
  ]);
  const { rows = null, hours = 0 } = events[0] ?? {};
  const perDay = (name: string, label: string) =>
    slopes.find((slope) => slope.name === name && slope.label === label)?.per_day ?? null;
  const futures = disks.map((disk) => {
    const freed = perDay("disk_free_bytes", disk.disk);
    return { ...disk, days: daysUntilFull(disk, diskLimit, freed), isPredicted: freed !== null };
  });
  const [first] = futures.toSorted(
    (a, b) => (a.days ?? Number.MAX_VALUE) - (b.days ?? Number.MAX_VALUE) || b.used - a.used,
  );
  return {
    rows_per_day: rows === null || hours < 1 ? null : (rows / hours) * 24,
    disk: first?.disk ?? "data",
    days_until_disk_full: first?.days ?? null,
    disk_is_predicted: first?.isPredicted ?? false,
    disk_used: first?.used ?? 0,
    disk_free_bytes: first?.freeBytes ?? 0,
    disk_limit: diskLimit,
    database_growth: perDay("database_bytes", ""),
  };
}

/** @param freed bytes freed a day; negative when the disk is filling */
function daysUntilFull(
  { totalBytes, freeBytes }: { readonly totalBytes: number; readonly freeBytes: number },
  limit: number,
  freed: number | null,
): number | null {
  const left = totalBytes * limit - (totalBytes - freeBytes);
  if (left <= 0) return 0;
  return freed === null || freed >= 0 ? null : left / -freed;
}

import type { Context } from "@/server/process/context";
import { knownDisks } from "@/server/services/metrics";
import type { Forecast } from "./contract";
import { growthOf, rowsPerDay } from "./growth";

/** A forecast from the growth of the last 7 days, without imports of old data. */
export async function forecast(ctx: Context, diskLimit: number): Promise<Forecast> {
  const sql = ctx.db.read.$client;
  const [disks, rows, growths] = await Promise.all([
    knownDisks(ctx),
    rowsPerDay(sql),
    growthOf(sql, { disk_free_bytes: "disk_free_bytes", database_bytes: "database_bytes" }),
  ]);
  const perDay = (name: string, label: string) =>
    growths.find((growth) => growth.name === name && growth.label === label)?.per_day ?? null;
  const futures = disks.map((disk) => {
    const freed = perDay("disk_free_bytes", disk.disk);
    return { ...disk, days: daysUntilFull(disk, diskLimit, freed), isPredicted: freed !== null };
  });
  const [first] = futures.toSorted(
    (a, b) => (a.days ?? Number.MAX_VALUE) - (b.days ?? Number.MAX_VALUE) || b.used - a.used,
  );
  return {
    rows_per_day: rows,
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

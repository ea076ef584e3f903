import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { Gauge, type Registry } from "prom-client";
import { causeCode } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { segmentLag } from "@/server/services/health";
import { cacheFolder } from "@/server/services/segment-files";
import { segmentStatus } from "@/server/services/segments";

/** Adds figures of the segments of log tables, and of this machine's cache of files. */
export async function addSegmentGauges(ctx: Context, registry: Registry, prefix: string): Promise<void> {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `${prefix}${name}`, help, labelNames: ["table"], registers: [registry] });
  const files = gauge("segment_files", "Segments of a log table.");
  const bytes = gauge("segment_size_bytes", "Size of a log table's segments.");
  const rows = gauge("segment_rows", "Rows that are read from segments.");
  const dirty = gauge("segments_dirty", "Hours whose rows are read from PostgreSQL until they are written.");
  const lag = gauge(
    "segment_lag_seconds",
    "Age of the first hour after the newest written one that waits to be written.",
  );
  const [status, lags, cacheBytes] = await Promise.all([segmentStatus(ctx), segmentLag(ctx.db.sql), sizeOfCache(ctx)]);
  for (const { table, ...known } of status) {
    files.set({ table }, known.segments);
    bytes.set({ table }, known.bytes);
    rows.set({ table }, known.rows);
    dirty.set({ table }, known.dirty_hours);
    lag.set({ table }, lags.find((one) => one.table === table)?.seconds ?? 0);
  }
  const cache = {
    name: `${prefix}engine_cache_bytes`,
    help: "Size of this machine's copies of files of an object store.",
  };
  new Gauge({ ...cache, registers: [registry] }).set(cacheBytes);
}

async function sizeOfCache(ctx: Context): Promise<number> {
  const folder = await cacheFolder(ctx);
  const sizes = (await readdir(folder)).map(async (name) => {
    try {
      return (await stat(path.join(folder, name))).size;
    } catch (error) {
      // Removed meanwhile.
      if (causeCode(error) === "ENOENT") return 0;
      throw error;
    }
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

import { readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { checkHealth } from "@/server/services/health";
import { insertAccessLogs } from "@/server/services/intake";
import { cachedFile } from "@/server/services/segment-files/cached-file";
import { setUpContext } from "@/server/testing/context";
import { coveredRows } from "@/server/testing/segments";
import { isPaused } from "./pause";
import { runSegmentWriter } from "./run-writer";
import { segmentStatus } from "./status";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const HOUR_MS = 3_600_000;
const event = (hoursAgo: number, n: number) => ({
  ip_address: "203.0.113.7",
  request_path: `/${n}`,
  created_at: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
});

test("A worker writes recent and older hours, and leaves the current hour to PostgreSQL", async () => {
  await insertAccessLogs(ctx, [event(0, 1), event(3, 2), event(500, 3), event(2_000, 4)]);
  const stop = new AbortController();
  const running = runSegmentWriter(ctx, { signal: stop.signal });
  // The current hour may end meanwhile.
  await expect.poll(async () => (await segmentStatus(ctx))[0]?.rows, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  stop.abort();
  await running;
  const { rows, expected } = await coveredRows(ctx, "access_logs");
  expect(rows).toEqual(expected);
});

test("Segments are not written while the disk is nearly full, which health reports until there is space", async () => {
  const full = { ...ctx, config: { ...ctx.config, alerts: { ...ctx.config.alerts, diskUsage: 0.000_001 } } };
  expect(await isPaused(full)).toBe(true);
  expect((await checkHealth(ctx)).parts.segments).toMatchObject({
    state: "degraded",
    advice: { code: "health.segments_paused" },
  });
  const empty = { ...ctx, config: { ...ctx.config, alerts: { ...ctx.config.alerts, diskUsage: 1 } } };
  expect(await isPaused(empty)).toBe(false);
  expect((await checkHealth(ctx)).parts.segments).toMatchObject({ state: "ok" });
});

test("Copies of an object store's files are verified and limited; those unused for longest are removed", async () => {
  const { current } = ctx.files;
  const folder = path.join(ctx.config.dataDir, "columnar", "cache");
  const stored = await Promise.all(
    ["a", "b", "c"].map(async (name) => {
      const key = `segments/${name}`;
      return {
        path: key,
        store: current.id,
        ...(await current.write(key, Readable.from([Buffer.from(name.repeat(100))]))),
      };
    }),
  );
  const fetch = async (index: number) => {
    const recorded = stored[index];
    if (!recorded) throw new Error("There are three.");
    return await cachedFile(ctx, current, recorded, { maxBytes: 250 });
  };
  const first = await fetch(0);
  const second = await fetch(1);
  // Recently used ones stay, although they exceed the limit.
  await fetch(2);
  const files = async () => (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
  expect(await files()).toHaveLength(3);
  await utimes(`${first}.used`, new Date(0), new Date(0));
  // A changed copy is fetched again, which removes the oldest.
  await writeFile(second, "x".repeat(100));
  await fetch(1);
  expect(await files()).toHaveLength(2);
  expect(await files()).not.toContain(path.basename(first));
});

import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { openColumnarEngine } from "@/server/columnar";
import type { Context } from "@/server/process/context";
import { checkHealth } from "@/server/services/health";
import { insertAccessLogs } from "@/server/services/intake";
import { cachedFile } from "@/server/services/segment-files/cached-file";
import { setUpContext } from "@/server/testing/context";
import { failingEngine } from "@/server/testing/failing-engine";
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
  await expect.poll(async () => (await segmentStatus(ctx))[0]?.rows).toBeGreaterThanOrEqual(3);
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

test("An hour that cannot be written does not stop others, and health reports why until it is written", async () => {
  const [first] = await segmentStatus(ctx);
  await insertAccessLogs(ctx, [event(5, 1), { ...event(6, 2), request_path: "/long" }, event(7, 3), event(900, 4)]);
  const health = async () => (await checkHealth(ctx)).parts.segments;
  const runUntil = async (context: Context, check: () => Promise<void>) => {
    const stop = new AbortController();
    const running = runSegmentWriter(context, { signal: stop.signal });
    await expect.poll(async () => check().then(() => "reached")).toBe("reached");
    stop.abort();
    await running;
  };
  const failed = (cause: string) => ({
    state: "degraded",
    advice: { code: "health.segments_failed", params: { cause } },
  });

  const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-no-engine-"));
  await writeFile(path.join(dataDir, "columnar"), "");
  const broken = openColumnarEngine({ ...ctx.config, dataDir }, ctx.log);
  await runUntil({ ...ctx, columnar: broken }, async () => expect(await health()).toMatchObject(failed("engine")));
  await broken.close().catch(() => {});
  await rm(dataDir, { recursive: true });

  await runUntil({ ...ctx, columnar: failingEngine(ctx.columnar, "/long") }, async () => {
    expect((await segmentStatus(ctx))[0]?.rows).toBeGreaterThanOrEqual((first?.rows ?? 0) + 3);
    expect(await health()).toMatchObject(failed("memory"));
  });
  await runUntil(ctx, async () => {
    expect((await segmentStatus(ctx))[0]?.rows).toBeGreaterThanOrEqual((first?.rows ?? 0) + 4);
    expect(await health()).toMatchObject({ state: "ok" });
  });
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

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import { medianGrowth } from "./growth";
import { proposeRemoval } from "./propose-removal";
import { storageUse } from "./storage-use";

let ctx: Context;
const { clean, archiveIds } = setUpFilledLogs((context) => {
  ctx = context;
});
const use = async (there = ctx) => (await storageUse(there, COMMAND_LINE)).places;

async function addExport(name: string, size: number): Promise<void> {
  await mkdir(path.join(ctx.config.dataDir, "exports"), { recursive: true });
  await writeFile(path.join(ctx.config.dataDir, "exports", name), "x".repeat(size));
  await ctx.db.sql`
    insert into exports (id, file_name, export_type, format, manifest, row_count, size_bytes, sha256, requested_by, expires_at)
    values (gen_random_uuid(), ${name}, 'access_logs', 'csv', '{}', 1, ${size}, '', 'anna', now() + interval '1 day')`;
}

test("One disk is one bar whose parts add up to what is used; a disk that cannot be measured is unknown, never zero", async () => {
  await clean();
  await addExport("a.csv", 1_000);
  const [shared, ...others] = await use();
  expect(others).toEqual([]);
  expect(shared).toMatchObject({ place: "shared", growth: { bytes_per_day: null, full_at: null } });
  const parts = Object.fromEntries(shared?.parts.map(({ part, bytes }) => [part, bytes]) ?? []);
  expect(parts.exports).toBe(1_000);
  for (const part of ["tables", "indexes", "database", "archives", "other"]) expect(parts[part]).toBeGreaterThan(0);
  const sum = Object.values(parts).reduce((total, bytes) => total + bytes, 0);
  expect(sum + (shared?.free_bytes ?? 0)).toBe(shared?.total_bytes);

  const url = new URL(ctx.db.url);
  url.hostname = "db.example.com";
  const places = await use({ ...ctx, db: { ...ctx.db, url: url.href } });
  expect(
    places.map(({ place, total_bytes, free_bytes }) => [place, total_bytes === null, free_bytes === null]),
  ).toEqual([
    ["database", true, true],
    ["data", false, false],
  ]);
  expect(places[0]?.parts.map(({ part }) => part)).toEqual(["tables", "indexes", "database"]);
  await ctx.db.sql`update exports set store = 'disk:other'`;
  expect((await use()).find(({ place }) => place === "elsewhere")?.parts).toEqual([{ part: "exports", bytes: 1_000 }]);
  await ctx.db.sql`delete from exports`;
});

test("The growth is that of a median day, without the import of old data, and dates the day when the disk is full", async () => {
  const day = (index: number, bytes: number) => ({ day: index, bytes });
  expect(medianGrowth([day(1, 0), day(2, 10), day(3, 20)], new Map())).toBeNull();
  expect(medianGrowth([day(1, 0), day(2, 10), day(3, 5_000), day(4, 5_010), day(6, 5_030)], new Map())).toBe(10);
  expect(
    medianGrowth(
      [day(1, 0), day(2, 900), day(3, 1_800), day(4, 2_700)],
      new Map([
        [3, 900],
        [4, 890],
      ]),
    ),
  ).toBe(10);

  // From day to day, 1 GB more is used.
  await ctx.db.sql`
    insert into metrics (grain, at, name, label, count, sum, min, max)
    select 'hour', now() - day * interval '1 day', 'disk_free_bytes', 'data', 1, value, value, value
    from generate_series(1, 6) as day
    cross join lateral (select 5e11 + day * 1e9 as value) as reading`;
  const [shared] = await use();
  expect(shared?.growth).toMatchObject({ bytes_per_day: 1e9, cleanup_bytes_per_day: 0, imported_bytes: 0 });
  const days = (Date.parse(shared?.growth?.full_at ?? "") - ctx.now().getTime()) / 86_400_000;
  expect(days).toBeCloseTo((shared?.free_bytes ?? 0) / 1e9, 1);
  await ctx.db.sql`delete from metrics`;
});

test("What to remove is proposed oldest first: exports, months, archives, with what each really returns", async () => {
  await ctx.db.sql`analyze access_logs`;
  await addExport("b.csv", 1_000);
  expect(await proposeRemoval(ctx, { place: "shared", bytes: 500 })).toMatchObject({
    is_enough: true,
    returned_bytes: 1_000,
    steps: [{ kind: "exports", ids: [expect.any(String)] }],
  });
  const { steps } = await proposeRemoval(ctx, { place: "database", bytes: 1 });
  expect(steps).toMatchObject([{ kind: "cleanup", table: "access_logs", months: ["2026-05"], rows: PER_MONTH }]);
  const all = await proposeRemoval(ctx, { place: "shared", bytes: 1e15 });
  expect(all).toMatchObject({
    is_enough: false,
    steps: [{ kind: "exports" }, { kind: "cleanup", months: ["2026-05", "2026-06", "2026-08", "2026-09"] }],
  });
  // The archives that the cleanup writes are on the same disk.
  const month = all.steps.find((step) => step.kind === "cleanup");
  expect(month?.returned_bytes).toBe((month?.dropped_bytes ?? 0) - (month?.archive_bytes ?? 0));

  // The cleanup that is proposed returns at least what is promised.
  const [first] = steps;
  const cleaned = await clean({ days_to_keep: first?.kind === "cleanup" ? first.days_to_keep : -1 });
  expect(cleaned).toMatchObject({ deleted_count: PER_MONTH, partitions_dropped: 1 });
  expect(cleaned.freed_bytes).toBeGreaterThanOrEqual(first?.returned_bytes ?? Number.POSITIVE_INFINITY);
  const archives = (await proposeRemoval(ctx, { place: "data", bytes: 1_500 })).steps.at(-1);
  expect(archives).toMatchObject({ kind: "archives", ids: await archiveIds(), months: ["2026-05"], rows: PER_MONTH });
  await ctx.db.sql`delete from exports`;
});

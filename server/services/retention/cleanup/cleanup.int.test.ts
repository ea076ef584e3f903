import { execSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import type { JobProgress } from "@/server/services/jobs/contract";
import { archivedIds, cleanupParams, fillAccessLogs, jobRun, tableRows } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { verifyArchive } from "../archives/verify";
import type { CleanupParams } from "../contract";
import { runRestore } from "../restore/run-restore";
import { cleanLogTable } from "./clean-log-table";
import type { CleanupOptions } from "./cleanup-types";

/** With a retention of 90 days the cutoff is 2026-08-03: May to July are dropped, August is deleted in part. */
const NOW = new Date("2026-11-01T00:00:00Z");
const MONTHS = ["2026-05", "2026-06", "2026-08", "2026-09"];
const PER_MONTH = 540;

let opened: TestContext;
let ctx: Context;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-cleanup-"));
  opened = await createTestContext({ env: { DATA_DIR: dataDir, CLEANUP_BATCH_SIZE: "7" } });
  ctx = opened.context;
  await setDatabaseClock(ctx.db.url, NOW);
});
afterAll(async () => {
  await opened?.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  await ctx.db.sql`truncate access_logs, archives, restored_periods, cleanup_tallies, watched_changes`;
  await rm(path.join(dataDir, "archives"), { recursive: true, force: true });
  await fillAccessLogs(ctx, MONTHS, PER_MONTH);
});

const clean = (params: Partial<CleanupParams> = {}, options: CleanupOptions = { dropTimeout: 0 }) =>
  cleanLogTable(ctx, "access_logs", jobRun(cleanupParams(params)), options);

const restore = (archive_id: string, given: { start_date?: string; end_date?: string; keep_until?: string } = {}) =>
  runRestore(ctx, jobRun({ archive_id, ...given }));

async function partitions(): Promise<string[]> {
  const rows = await ctx.db.sql<{ name: string }[]>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'access_logs'::regclass`;
  return rows.map(({ name }) => name);
}

const archiveIds = async () =>
  (await ctx.db.sql<{ id: string }[]>`select id from archives order by month, created_at`).map(({ id }) => id);

/** 27 days of rows, 20 a day: those of the first two days of August have expired. */
const EXPIRED = 2 * PER_MONTH + 39;

describe("a dry run", () => {
  test("reports rows to delete by month and deletes nothing", async () => {
    const before = await tableRows(ctx, "access_logs");
    const result = await clean({ dry_run: true });
    expect(result).toMatchObject({ matched_count: EXPIRED, deleted_count: 0, archived_count: 0, dry_run: true });
    expect(result.preview?.months.filter((month) => month.matched_count > 0)).toMatchObject([
      { month: "2026-05", matched_count: PER_MONTH, kept_count: 0, is_whole: true },
      { month: "2026-06", matched_count: PER_MONTH, kept_count: 0, is_whole: true },
      { month: "2026-08", matched_count: 39, kept_count: PER_MONTH - 39, is_whole: false },
    ]);
    expect(result.preview?.archive).toMatchObject({ place: "archives/access_logs" });
    expect(await tableRows(ctx, "access_logs")).toEqual(before);
    expect(await archiveIds()).toEqual([]);
  });

  test("matches what the cleanup then deletes", async () => {
    const { matched_count } = await clean({ dry_run: true, days_to_keep: 60 });
    expect(await clean({ days_to_keep: 60 })).toMatchObject({ matched_count, deleted_count: matched_count });
  });
});

describe("a cleanup", () => {
  test("drops whole months and deletes the rest, each row archived before", async () => {
    const before = await tableRows(ctx, "access_logs");
    const result = await clean();
    expect(result).toMatchObject({ matched_count: EXPIRED, deleted_count: EXPIRED, archived_count: EXPIRED });
    expect(await partitions()).not.toContain("access_logs_p2026_05");
    expect(await partitions()).toContain("access_logs_p2026_08");
    expect(result.freed_bytes).toBeGreaterThan(0);
    expect(result.reusable_bytes).toBeGreaterThan(0);
    const left = await tableRows(ctx, "access_logs");
    expect(left.size).toBe(before.size - EXPIRED);
    expect([...left.keys(), ...(await archivedIds(ctx, "access_logs"))].sort()).toEqual([...before.keys()].sort());
    expect(await ctx.db.sql`select 1 from archives where state <> 'removed'`).toEqual([]);
  });

  test("reports its progress while it archives and while it deletes", async () => {
    const reported: JobProgress[] = [];
    const progress = (now: JobProgress) => void reported.push(now);
    await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams(), { progress }), { dropTimeout: 0 });
    const of = (done: number, phase: string) => ({ done, total: EXPIRED, unit: "rows", phase });
    // The first month is archived, and no row is deleted yet.
    expect(reported).toContainEqual(of(PER_MONTH, "archiving"));
    expect(reported).toContainEqual(of(0, "deleting"));
    expect(reported.at(-1)).toEqual(of(EXPIRED, "deleting"));
    for (const phase of ["archiving", "deleting"]) {
      const done = reported.filter((now) => now.phase === phase).map((now) => now.done);
      expect(done).toEqual(done.toSorted((one, other) => one - other));
    }
  });

  test("and the next one report no more reusable space than the partition uses", async () => {
    const sizeOf = async () => {
      const [row] = await ctx.db.sql`select pg_total_relation_size('access_logs_p2026_08')::int as bytes`;
      return row?.bytes;
    };
    const size = await sizeOf();
    // August: half of it, then half of the rest, then the rest except one row, so that the partition is not dropped.
    await insertAccessLogs(ctx, [{ ip_address: "10.0.0.1", request_path: "/", created_at: "2026-08-31T12:00:00Z" }]);
    let reusable = 0;
    for (const days_to_keep of [78, 71, 63]) {
      const { preview } = await clean({ dry_run: true, days_to_keep });
      const result = await clean({ days_to_keep, archive: false });
      const previewed = preview?.months.find(({ month }) => month === "2026-08")?.matched_bytes ?? 0;
      expect(Math.abs(previewed - result.reusable_bytes)).toBeLessThan(previewed / 100);
      reusable += result.reusable_bytes;
    }
    expect(reusable).toBeGreaterThan(size / 2);
    expect(reusable).toBeLessThanOrEqual(await sizeOf());
  });

  test("writes a manifest beside each archive that describes its content and format", async () => {
    const { archive_files } = await clean();
    const [file = ""] = archive_files;
    expect(file).toMatch(/^archives\/access_logs\/2026-05\/.*\.csv\.gz$/);
    const manifest = await readFile(path.join(dataDir, file.replace(".csv.gz", ".manifest.json")), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({
      file,
      rows: PER_MONTH,
      table: "access_logs",
      month: "2026-05",
      created_by: "somebody",
      cutoff: "2026-08-03T00:00:00.000000Z",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      format: { null: expect.any(String) },
    });
    expect((await readdir(path.dirname(path.join(dataDir, file)))).sort()).toHaveLength(2);
  });

  test("without an archive deletes the same rows and writes no file", async () => {
    expect(await clean({ archive: false })).toMatchObject({
      deleted_count: EXPIRED,
      archived_count: 0,
      archive_files: [],
      partitions_dropped: 2,
    });
    await expect(readdir(path.join(dataDir, "archives"))).rejects.toThrow("ENOENT");
  });

  test("with 0 days deletes all rows older than now; a second run deletes nothing", async () => {
    expect(await clean({ days_to_keep: 0 })).toMatchObject({ deleted_count: 4 * PER_MONTH });
    expect(await tableRows(ctx, "access_logs")).toEqual(new Map());
    expect(await clean({ days_to_keep: 0 })).toMatchObject({ matched_count: 0, deleted_count: 0, archive_files: [] });
  });

  test("with 3650 days deletes nothing", async () => {
    expect(await clean({ days_to_keep: 3650 })).toMatchObject({ matched_count: 0, deleted_count: 0 });
    expect((await tableRows(ctx, "access_logs")).size).toBe(4 * PER_MONTH);
  });

  test("of a table with running maintenance is rejected", async () => {
    let second: unknown;
    await clean(
      {},
      {
        onStep: async (step) => {
          if (step === "archive synced") second ??= await clean().catch((error: unknown) => error);
        },
      },
    );
    expect(second).toMatchObject({ kind: "CONFLICT" });
    expect(await archivedIds(ctx, "access_logs")).toHaveLength(EXPIRED);
  });

  test("that is cancelled keeps its results and reports them; the next one finishes", async () => {
    const before = await tableRows(ctx, "access_logs");
    const control = new AbortController();
    let batches = 0;
    let reported: JobProgress | undefined;
    const progress = (now: JobProgress) => {
      reported = now;
    };
    const job = jobRun(cleanupParams(), { signal: control.signal, progress });
    const stopped = cleanLogTable(ctx, "access_logs", job, {
      onStep: (step) => {
        if (step === "batch committed" && ++batches === 3) control.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ result: { deleted_count: 2 * PER_MONTH + 21 } });
    expect(reported).toMatchObject({ done: 2 * PER_MONTH + 21, total: EXPIRED });
    expect((await tableRows(ctx, "access_logs")).size).toBe(before.size - 2 * PER_MONTH - 21);
    expect(await clean()).toMatchObject({ deleted_count: 18 });
    const everywhere = [...(await tableRows(ctx, "access_logs")).keys(), ...(await archivedIds(ctx, "access_logs"))];
    expect(everywhere.sort()).toEqual([...before.keys()].sort());
  });
});

describe("a late row", () => {
  test.each(["archive recorded", "archive written", "archive complete"] as const)(
    "in a month that is being archived (%s) is neither deleted nor lost, and is deleted by the next cleanup",
    async (at) => {
      let late = 0;
      const result = await clean(
        {},
        {
          dropTimeout: 0,
          onStep: async (step) => {
            if (step !== at) return;
            late++;
            for (const created_at of ["2026-05-03T00:00:00Z", "2026-06-03T00:00:00Z", "2026-08-02T00:00:00Z"]) {
              await insertAccessLogs(ctx, [{ ip_address: "10.0.0.1", request_path: `/late/${late}`, created_at }]);
            }
          },
        },
      );
      // At least those of the two months before; rows for a later month arrived before its archive.
      const left = [...(await tableRows(ctx, "access_logs")).values()].filter((row) => row.includes("/late/"));
      expect(left.length).toBeGreaterThan(0);
      const archived = await archivedIds(ctx, "access_logs");
      expect(result.deleted_count).toBe(archived.length);
      await clean();
      const all = await archivedIds(ctx, "access_logs");
      expect(new Set(all).size).toBe(all.length);
      expect(all.length).toBe(EXPIRED + late * 3);
      expect((await partitions()).filter((name) => /2026_0[567]$/.test(name))).toEqual([]);
    },
  );
});

describe("a reader with its own snapshot", () => {
  test("reads every row of a month that a cleanup clears concurrently", async () => {
    await ctx.db.sql.begin("isolation level repeatable read read only", async (tx) => {
      const [first] = await tx`select count(*)::int as rows from access_logs where created_at < '2026-05-02'`;
      expect(first?.rows).toBeGreaterThan(0);
      expect(await clean()).toMatchObject({ deleted_count: EXPIRED, partitions_dropped: 0 });
      const [all] = await tx`select count(*)::int as rows from access_logs`;
      expect(all?.rows).toBe(4 * PER_MONTH);
    });
    expect(await clean()).toMatchObject({ partitions_dropped: 2 });
  });

  test("also before its first access to the table", async () => {
    await ctx.db.sql.begin("isolation level repeatable read read only", async (tx) => {
      await tx`select count(*) from workers`;
      expect(await clean({ archive: false })).toMatchObject({ deleted_count: EXPIRED, partitions_dropped: 0 });
      const [all] = await tx`select count(*)::int as rows from access_logs`;
      expect(all?.rows).toBe(4 * PER_MONTH);
    });
  });
});

describe("a restore", () => {
  test("restores every column of every row exactly, any number of times", async () => {
    const before = await tableRows(ctx, "access_logs");
    await clean();
    for (const id of await archiveIds()) {
      const result = await restore(id);
      expect(result.restored_count).toBe(result.matched_count);
      expect(await restore(id)).toMatchObject({ restored_count: 0, present_count: result.matched_count });
    }
    expect(await tableRows(ctx, "access_logs")).toEqual(before);
  });

  test("of a period restores the rows of that period", async () => {
    await clean();
    const [may = ""] = await archiveIds();
    const range = { start_date: "2026-05-03T00:00:00Z", end_date: "2026-05-04T23:59:59.999999Z" };
    const reported: JobProgress[] = [];
    const progress = (now: JobProgress) => void reported.push(now);
    const result = await runRestore(ctx, jobRun({ archive_id: may, ...range }, { progress }));
    expect(result).toMatchObject({ matched_count: 40, restored_count: 40 });
    // Never as a share of the whole archive.
    expect(reported.map(({ total }) => total).filter((total) => total !== null)).toEqual([40]);
    expect(reported.at(-1)).toMatchObject({ done: 40, total: 40 });
    const { size } = await tableRows(ctx, "access_logs");
    expect(size).toBe(4 * PER_MONTH - EXPIRED + 40);
  });

  test("keeps its rows from the automatic cleanup until the chosen day, and no longer", async () => {
    await clean();
    const [may = ""] = await archiveIds();
    await restore(may, { start_date: "2026-05-03T00:00:00Z", keep_until: "2026-11-30" });
    expect(await clean({ keep_restored: true })).toMatchObject({ matched_count: 0, deleted_count: 0 });
    await setDatabaseClock(ctx.db.url, new Date("2026-12-01T00:00:00Z"));
    const result = await clean({ keep_restored: true });
    await setDatabaseClock(ctx.db.url, NOW);
    // Rows that are already archived are not archived again.
    expect(result.archive_files.filter((file) => file.includes("2026-05"))).toEqual([]);
    const archived = await archivedIds(ctx, "access_logs");
    expect(new Set(archived).size).toBe(archived.length);
    expect(await partitions()).not.toContain("access_logs_p2026_05");
  });

  test("does not protect its rows from a manual cleanup", async () => {
    await clean();
    const [may = ""] = await archiveIds();
    await restore(may);
    expect(await clean()).toMatchObject({ matched_count: PER_MONTH, deleted_count: PER_MONTH, archived_count: 0 });
  });

  test.each([
    [{ keep_until: "2026-10-31T00:00:00Z" }, "keep_until"],
    [{ keep_until: "soon" }, "keep_until"],
    [{ start_date: "x" }, "start_date"],
    [{ start_date: "2026-05-03", end_date: "2026-05-01" }, "end_date"],
  ])("with %j is rejected, naming the field", async (given, field) => {
    await clean();
    const [may = ""] = await archiveIds();
    await expect(restore(may, given)).rejects.toMatchObject({ kind: "UNPROCESSABLE", errors: [{ path: field }] });
  });
});

describe("an archive", () => {
  test("that is unchanged passes its verification", async () => {
    await clean();
    const [may = ""] = await archiveIds();
    expect(await verifyArchive(ctx, COMMAND_LINE, may)).toEqual({ id: may, ok: true, problem: null, rows: PER_MONTH });
  });

  test.each([
    ["changed by one byte", /checksum_differs|file_unreadable/, "printf x | dd of=FILE bs=1 seek=2000 conv=notrunc"],
    ["cut short", /file_unreadable/, "truncate -s -100 FILE"],
    ["removed", /file_missing/, "rm FILE"],
  ])("that was %s is reported and not restored", async (_, code, command) => {
    const { archive_files } = await clean();
    const [may = ""] = await archiveIds();
    execSync(command.replace("FILE", path.join(dataDir, archive_files[0] ?? "")), { stdio: "ignore" });
    expect(await verifyArchive(ctx, COMMAND_LINE, may)).toMatchObject({
      ok: false,
      problem: { code: expect.stringMatching(code) },
    });
    await expect(restore(may)).rejects.toMatchObject({ kind: "CONFLICT" });
  });
});

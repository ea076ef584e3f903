import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import type { JobProgress } from "@/server/services/jobs/contract";
import { archivedIds, cleanupParams, jobRun, tableRows } from "@/server/testing/cleanup";
import { EXPIRED, PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import { cleanLogTable } from "./clean-log-table";

let ctx: Context;
const { clean, archiveIds, partitions } = setUpFilledLogs((context) => {
  ctx = context;
});

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
    expect(file).toMatch(/^archives\/access_logs\/2026-05\/.*\.parquet$/);
    const manifest = await readFile(path.join(ctx.config.dataDir, `${file}.manifest.json`), "utf8");
    expect(JSON.parse(manifest)).toMatchObject({
      file,
      rows: PER_MONTH,
      table: "access_logs",
      month: "2026-05",
      created_by: "somebody",
      cutoff: "2026-08-03T00:00:00.000000Z",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      columns: expect.arrayContaining(["request_path", "ip_address_bytes"]),
      format: { name: "Parquet", order: "created_at, id" },
    });
    expect((await readdir(path.dirname(path.join(ctx.config.dataDir, file)))).sort()).toHaveLength(2);
  });

  test("without an archive deletes the same rows and writes no file", async () => {
    expect(await clean({ archive: false })).toMatchObject({
      deleted_count: EXPIRED,
      archived_count: 0,
      archive_files: [],
      partitions_dropped: 2,
    });
    await expect(readdir(path.join(ctx.config.dataDir, "archives"))).rejects.toThrow("ENOENT");
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
          if (step === "archive read back") second ??= await clean().catch((error: unknown) => error);
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

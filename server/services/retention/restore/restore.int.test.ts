import { execSync } from "node:child_process";
import { existsSync } from "node:fs";
import { truncate } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { checkHealth } from "@/server/services/health";
import { insertUserActivities } from "@/server/services/intake";
import { runJobs, waitForJob } from "@/server/services/jobs";
import type { JobProgress } from "@/server/services/jobs/contract";
import { archivedIds, cleanupParams, jobRun, tableRows } from "@/server/testing/cleanup";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { EXPIRED, NOW, PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import { admin } from "@/server/testing/jobs";
import { deleteArchives } from "../archives/delete";
import { archiveMonths, listArchives } from "../archives/list";
import { verifyArchive } from "../archives/verify";
import { cleanLogTable } from "../cleanup/clean-log-table";
import { runRestore } from "./run-restore";
import { startRestores } from "./start-restore";

let ctx: Context;
const { clean, archiveIds, partitions } = setUpFilledLogs((context) => {
  ctx = context;
});

const restore = (archive_id: string, given: { start_date?: string; end_date?: string; keep_until?: string } = {}) =>
  runRestore(ctx, jobRun({ archive_id, ...given }));

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
    // The total is the number of rows in the period, not in the whole archive.
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

describe("restores of several archives", () => {
  const handlers = { restore: runRestore };

  async function restoreAll(input: Parameters<typeof startRestores>[2]) {
    const control = new AbortController();
    const jobs = await startRestores(ctx, admin, input);
    const worker = runJobs(ctx, handlers, control);
    const ended = await Promise.all(jobs.map(({ job_id }) => waitForJob(ctx, job_id, { seconds: 20 })));
    control.abort();
    await worker;
    return ended;
  }

  test("across tables are one job for each table, which restores all rows of the period", async () => {
    const before = await tableRows(ctx, "access_logs");
    await ctx.db.sql`truncate user_activity_logs`;
    await insertUserActivities(ctx, [{ user_id: "1", action: "a", created_at: "2026-05-03T00:00:00Z" }]);
    await clean();
    const activities = cleanupParams({ task_type: "user_activities" });
    await cleanLogTable(ctx, "user_activities", jobRun(activities), { dropTimeout: 0 });
    expect(await restoreAll({ start_date: "2026-05-03T00:00:00Z", end_date: "2026-06-30T23:59:59Z" })).toMatchObject([
      { status: "completed", params: { table: "access_logs", month: "2026-05 – 2026-06" }, error: null },
      { status: "completed", params: { table: "user_activities" }, result: { restored_count: 1 }, error: null },
    ]);
    const ids = await archiveIds();
    const [logs] = await restoreAll({ archive_ids: ids, table: "access_logs", keep_until: "2026-12-01" });
    expect(logs).toMatchObject({
      result: { matched_count: EXPIRED, restored_count: 78 },
      progress: { done: EXPIRED, total: EXPIRED },
    });
    expect(await tableRows(ctx, "access_logs")).toEqual(before);
  });

  test("start all or none, and name the job of a busy table", async () => {
    await clean();
    const [first = "", second = ""] = await archiveIds();
    const [busy] = await startRestores(ctx, admin, { archive_ids: [first] });
    await expect(startRestores(ctx, admin, { archive_ids: [second] })).rejects.toMatchObject({
      code: "job.busy",
      params: { job: busy?.job_id },
    });
    await expect(startRestores(ctx, admin, {})).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
    await ctx.db.sql`delete from jobs`;
  });

  test("verify all files before they change the table", async () => {
    const { archive_files } = await clean();
    await truncate(path.join(ctx.config.dataDir, archive_files[1] ?? ""), 1_000);
    const before = await tableRows(ctx, "access_logs");
    expect(await restoreAll({ archive_ids: await archiveIds() })).toMatchObject([
      { status: "failed", error: { code: "archive.corrupted" } },
    ]);
    expect(await tableRows(ctx, "access_logs")).toEqual(before);
  });
});

test("Archives are grouped by the month of the time zone that has most of their time, and found by year", async () => {
  await clean();
  for (const timeZone of ["Asia/Shanghai", "America/New_York"]) {
    const there = { ...ctx, config: { ...ctx.config, timeZone } };
    const { months, years } = await archiveMonths(there, { table: "access_logs" });
    expect(months.map(({ month }) => month)).toEqual(["2026-08", "2026-06", "2026-05"]);
    expect(months[1]).toMatchObject({ tables: [{ table: "access_logs", archives: 1, rows: PER_MONTH }] });
    expect(years).toEqual(["2026"]);
    expect((await listArchives(there, { limit: 10, local_month: "2026-06" })).items).toMatchObject([
      { month: "2026-06", local_month: "2026-06" },
    ]);
  }
  expect((await listArchives(ctx, { limit: 10, year: "2025" })).items).toEqual([]);
});

describe("an archive", () => {
  test("that an administrator deleted is shown as deleted by them, and no longer searched, verified or restored", async () => {
    const { archive_files } = await clean();
    const [may = ""] = await archiveIds();
    await deleteArchives(ctx, admin, [may]);
    expect(existsSync(path.join(ctx.config.dataDir, archive_files[0] ?? ""))).toBe(false);
    const { items } = await listArchives(ctx, { limit: 10, local_month: "2026-05" });
    expect(items).toMatchObject([{ state: "expired", deleted_by: admin.name, problem: null, searchable: false }]);
    expect((await archiveMonths(ctx, {})).months.at(-1)).toMatchObject({ tables: [{ archives: 0, deleted: 1 }] });
    const uses = [
      () => restore(may),
      () => verifyArchive(ctx, COMMAND_LINE, may),
      () => deleteArchives(ctx, admin, [may]),
    ];
    for (const use of uses)
      await expect(use()).rejects.toMatchObject({ code: "archive.deleted", params: { by: admin.name } });
    const audited = await ctx.db.sql`select details from audit_log where action = 'archive.delete'`;
    expect(audited).toMatchObject([{ details: { archive_id: may, month: "2026-05", rows: PER_MONTH } }]);
    expect((await checkHealth(ctx)).parts.archives).toMatchObject({ state: "ok" });
  });

  test("that is unchanged passes its verification", async () => {
    await clean();
    const [may = ""] = await archiveIds();
    expect(await verifyArchive(ctx, COMMAND_LINE, may)).toEqual({ id: may, ok: true, problem: null, rows: PER_MONTH });
  });

  test.each([
    ["changed by one byte", /checksum_differs|file_unreadable/, "printf x | dd of=FILE bs=1 seek=2000 conv=notrunc"],
    ["cut short", /checksum_differs/, "truncate -s -100 FILE"],
    ["removed", /file_missing/, "rm FILE"],
  ])("that was %s is reported and not restored", async (_, code, command) => {
    const { archive_files } = await clean();
    const [may = ""] = await archiveIds();
    execSync(command.replace("FILE", path.join(ctx.config.dataDir, archive_files[0] ?? "")), { stdio: "ignore" });
    expect(await verifyArchive(ctx, COMMAND_LINE, may)).toMatchObject({
      ok: false,
      problem: { code: expect.stringMatching(code) },
    });
    await expect(restore(may)).rejects.toMatchObject({ kind: "CONFLICT" });
  });
});

import { execSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import type { JobProgress } from "@/server/services/jobs/contract";
import { archivedIds, jobRun, tableRows } from "@/server/testing/cleanup";
import { setDatabaseClock } from "@/server/testing/database-clock";
import { EXPIRED, NOW, PER_MONTH, setUpFilledLogs } from "@/server/testing/filled-logs";
import { verifyArchive } from "../archives/verify";
import { runRestore } from "./run-restore";

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

describe("an archive", () => {
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

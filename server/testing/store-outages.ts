import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openFileStores } from "@/server/files";
import { parseFilesUrl } from "@/server/files/files-url";
import { S3_LIMITS, type S3Limits } from "@/server/files/s3-limits";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { readFacts } from "@/server/services/alerts/facts";
import { alertRules } from "@/server/services/alerts/rules";
import { runExport } from "@/server/services/exports";
import { checkHealth } from "@/server/services/health";
import { insertAccessLogs } from "@/server/services/intake";
import { getJob, type JobHandlers, runJobs, startJob, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import type { FilesWait } from "@/server/services/jobs/wait-for-files";
import { listLogs } from "@/server/services/logs";
import { runCleanup, runRestore, startRestore } from "@/server/services/retention";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { archivedVersions, cleanupParams, fillAccessLogs, jobRun, tableVersions } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { type FaultyS3, startFaultyS3 } from "@/server/testing/faulty-s3";
import type { TestS3 } from "@/server/testing/s3-server";

const MONTHS = ["2024-04", "2024-05"] as const;
const ROWS = 40;
const LIMITS: S3Limits = { ...S3_LIMITS, attempts: 1 };
const WAIT = { timeout: 60_000, interval: 20 };
const handlers: Partial<JobHandlers> = { export: runExport, cleanup: runCleanup, restore: runRestore };

/** Tests what jobs do while the object store is unavailable. */
export function testOutages(server: () => TestS3): void {
  describe("that is unavailable", () => {
    let opened: TestContext;
    let ctx: Context;
    let proxy: FaultyS3;
    let stopWorker = async () => {};

    beforeEach(async () => {
      opened = await createTestContext();
      proxy = await startFaultyS3(server().url.replace("/files?", `/${randomUUID()}?`));
      const filesUrl = parseFilesUrl(proxy.url);
      if (typeof filesUrl === "string") throw new Error(filesUrl);
      const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-outage-"));
      const config = { ...opened.context.config, dataDir, filesUrl };
      ctx = { ...opened.context, config, files: await openFileStores(config, opened.context.db.sql, LIMITS) };
    });
    afterEach(async () => {
      proxy.set("none");
      await stopWorker();
      await proxy.close();
      await rm(ctx.config.dataDir, { recursive: true });
      await opened.close();
    });

    /** Starts a worker in this process. */
    function startWorker(limitMs: number): void {
      const filesWait: FilesWait = { limitMs, firstMs: 20, maxMs: 100 };
      const stop = new AbortController();
      const ended = runJobs(ctx, handlers, { signal: stop.signal, filesWait });
      stopWorker = async () => {
        stop.abort();
        await ended;
      };
    }

    const startExport = () =>
      startJob(ctx, "export", { export_type: "access_logs", format: "csv" }, { principal: COMMAND_LINE });
    const startCleanup = () =>
      startJob(ctx, "cleanup", { task_type: "access_logs", days_to_keep: 90 }, { principal: COMMAND_LINE });
    const endOf = ({ job_id }: Job) => waitForJob(ctx, job_id, { seconds: 60 });
    const phaseOf = async ({ job_id }: Job) => (await getJob(ctx, job_id)).progress.phase;
    const versions = async () =>
      [...(await tableVersions(ctx, "access_logs")), ...(await archivedVersions(ctx, "access_logs"))].sort();

    test.each([
      ["stopped", "restore"],
      ["overloaded", "cleanup"],
    ] as const)(
      "because it is %s: exports and a %s wait and complete, intake and browsing continue",
      async (fault, kind) => {
        await fillAccessLogs(ctx, [MONTHS[0]], ROWS);
        await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams()), {});
        await fillAccessLogs(ctx, [MONTHS[1]], ROWS);
        const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives`;
        const before = await versions();
        proxy.set(fault);
        startWorker(120_000);
        const jobs = [
          await startExport(),
          kind === "cleanup"
            ? await startCleanup()
            : await startRestore(ctx, COMMAND_LINE, { archive_id: archive?.id ?? "" }),
        ];
        for (const job of jobs) await expect.poll(() => phaseOf(job), WAIT).toBe("waiting_for_files");

        await insertAccessLogs(ctx, [{ ip_address: "203.0.113.7", request_path: "/during" }]);
        expect((await listLogs(ctx, "access_logs", { page_size: 1 })).items).toMatchObject([
          { request_path: "/during" },
        ]);
        expect(await checkHealth(ctx)).toMatchObject({
          status: "ready",
          parts: { files: { state: "down", advice: { code: "health.files_unavailable" } } },
        });
        expect(alertRules.files_unavailable.samples(await readFacts(ctx))).toEqual([{ subject: "", value: 1 }]);
        await ctx.db.sql`delete from access_logs where request_path = '/during'`;

        proxy.set("none");
        const ended = await Promise.all(jobs.map(endOf));
        expect(ended).toEqual(jobs.map(() => expect.objectContaining({ status: "completed", error: null })));
        const after = await versions();
        // A restore leaves the rows in the archive too.
        expect([...new Set(after)]).toEqual([...new Set(before)]);
        expect(after).toHaveLength(kind === "cleanup" ? 2 * ROWS : 3 * ROWS);
      },
    );

    test("for too long: jobs fail with a clear error, no row is lost, and later jobs leave no orphans", async () => {
      await fillAccessLogs(ctx, MONTHS, ROWS);
      const before = await versions();
      proxy.set("overloaded");
      startWorker(200);
      const ended = { code: "files.wait_ended", params: { minutes: 0, reason: "SlowDown" } };
      expect(await endOf(await startExport())).toMatchObject({ status: "failed", error: ended });
      expect(await endOf(await startCleanup())).toMatchObject({
        status: "failed",
        error: { code: "archive.not_written", params: { reason: ended } },
        result: { deleted_count: 0 },
      });
      expect(await versions()).toEqual(before);

      proxy.set("none");
      expect(await endOf(await startCleanup())).toMatchObject({
        status: "completed",
        result: { deleted_count: 2 * ROWS },
      });
      expect(await versions()).toEqual(before);
      const keys: string[] = [];
      for await (const { key } of ctx.files.current.list("archives/")) keys.push(key);
      expect(keys).toHaveLength(2 * MONTHS.length);
      expect(await ctx.db.sql`select from archives where state <> 'removed'`).toEqual([]);
    });

    test("because it is full: jobs fail at once, and no row is lost; a slow one is waited for", async () => {
      await fillAccessLogs(ctx, MONTHS, ROWS);
      const before = await versions();
      proxy.set("full");
      startWorker(120_000);
      const full = { code: "files.no_space", params: {} };
      expect(await endOf(await startExport())).toMatchObject({ status: "failed", error: full });
      expect(await endOf(await startCleanup())).toMatchObject({
        status: "failed",
        error: { code: "archive.not_written", params: { reason: full } },
      });
      expect(await versions()).toEqual(before);
      proxy.set({ delayMs: 100 });
      expect(await endOf(await startExport())).toMatchObject({ status: "completed" });
    });
  });
}

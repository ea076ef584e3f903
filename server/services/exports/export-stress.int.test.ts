import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, symlink } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FileStore } from "@/server/files";
import type { Context, Principal } from "@/server/process/context";
import { hasEnded, runJobs, waitForJob } from "@/server/services/jobs";
import type { Job } from "@/server/services/jobs/contract";
import { logReader } from "@/server/services/logs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { runExport } from "./run-export";
import { startExport } from "./start-export";

const PEOPLE = 20;
const ROWS = 20_000;
const person = (index: number): Principal => ({
  kind: "user",
  id: `${index}`,
  name: `person-${index}@example.com`,
  role: "operator",
});

let opened: TestContext;
let ctx: Context;
let folder: string;
const stop = new AbortController();
let worker: Promise<void>;

beforeAll(async () => {
  opened = await createTestContext();
  ctx = opened.context;
  folder = path.join(ctx.config.dataDir, "exports");
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, user_id)
    select gen_random_uuid(), now() - i * interval '1 ms', '10.0.0.1', '/' || i, (i % ${PEOPLE}::int)::text
    from generate_series(1, ${ROWS}::int) as i`;
  worker = runJobs(ctx, { export: runExport }, { signal: stop.signal });
});
afterAll(async () => {
  stop.abort();
  await worker;
  await opened.close();
});

const ended = (job: Job) => waitForJob(ctx, job.job_id, { seconds: 50 });
const filesIn = async () => (await readdir(folder).catch(() => [])).sort();

test("20 users who export concurrently each get their own file, two at a time, and pages load meanwhile", {
  timeout: 60_000,
}, async () => {
  const jobs = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) =>
      startExport(ctx, person(index), {
        export_type: "access_logs",
        format: index % 4 === 0 ? "excel" : "csv",
        filters: { user_id: String(index) },
      }),
    ),
  );
  let isOver = false;
  const results = Promise.all(jobs.map(ended)).finally(() => {
    isOver = true;
  });
  const pages: number[] = [];
  const atOnce: number[] = [];
  while (!isOver) {
    const page = await logReader(ctx, person(0)).page("access_logs", { page_size: 20 });
    pages.push(page.items.length);
    const [running] = await ctx.db.sql<{ jobs: number }[]>`
      select count(*)::int as jobs from jobs where status = 'running'`;
    atOnce.push(running?.jobs ?? 0);
  }
  const all = (await results).filter((job) => job.kind === "export");
  expect(all.filter(hasEnded).map((job) => [job.status, job.result?.row_count])).toEqual(
    all.map(() => ["completed", ROWS / PEOPLE]),
  );
  expect(new Set(await filesIn())).toEqual(new Set(all.map((job) => job.result?.file_name)));
  expect(new Set(all.map((job) => job.result?.file_name)).size).toBe(PEOPLE);
  for (const { result } of all) {
    const bytes = await readFile(path.join(folder, String(result?.file_name)));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(result?.sha256);
  }
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.every((rows) => rows === 20)).toBe(true);
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(2);
});

test.each(["csv", "excel"] as const)(
  "a %s export that fills the disk fails with a clear error and leaves no file",
  async (format) => {
    const disk = await limitDisk();
    try {
      const before = await filesIn();
      const job = await startExport(withUnknownSpace(ctx), person(1), {
        export_type: "access_logs",
        format,
      });
      expect(await ended(job)).toMatchObject({
        status: "failed",
        error: disk.isFull ? { code: "files.no_space", params: {} } : { code: expect.any(String) },
        result: null,
      });
      expect(await filesIn()).toEqual(before);
    } finally {
      disk.release();
    }
  },
);

/** Uses a store that does not report its free space, like an object store, so that the export is started. */
function withUnknownSpace(ctx: Context): Context {
  const current: FileStore = Object.assign(Object.create(ctx.files.current), { freeBytes: async () => null });
  return { ...ctx, files: { ...ctx.files, current } };
}

/** A file system of a few kilobytes; if none can be mounted, a read-only folder. */
async function limitDisk(): Promise<{ isFull: boolean; release: () => void }> {
  await mkdir(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
    return { isFull: true, release: () => execFileSync("umount", [folder]) };
  } catch {
    await rename(folder, `${folder}.aside`);
    await symlink("/proc/self/fdinfo", folder);
    return {
      isFull: false,
      release: () => {
        rmSync(folder);
        renameSync(`${folder}.aside`, folder);
      },
    };
  }
}

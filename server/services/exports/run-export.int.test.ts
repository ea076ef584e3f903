import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXPORT_FORMAT_NAMES } from "@/server/catalog/export-formats";
import { openFileStores, recordStores } from "@/server/files";
import type { Context, Principal } from "@/server/process/context";
import { startJob, UNFENCED } from "@/server/services/jobs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { setDatabaseClock } from "@/server/testing/database-clock";
import type { ExportParams } from "./contract";
import { runSuffix } from "./files/folder";
import { findExportFile } from "./files/open-file";
import { deleteExport, expireExports } from "./files/remove";
import { sweepExports } from "./files/sweep";
import { previewExport } from "./preview-export";
import { exportReader } from "./reader";
import { listExports } from "./records";
import { runExport } from "./run-export";
import { startExport } from "./start-export";

const ROWS = 200_000;
const operator: Principal = { kind: "user", id: "7", name: "anna@example.com", role: "operator" };
const admin: Principal = { kind: "user", id: "1", name: "admin@example.com", role: "admin" };

let opened: TestContext;
let ctx: Context;
let folder: string;
beforeAll(async () => {
  opened = await createTestContext({ env: { MAX_EXPORT_ROWS: "1000000" } });
  ctx = opened.context;
  // Before the pools open their sessions, whose search path determines the clock.
  await setDatabaseClock(ctx.db.url, null);
  folder = path.join(ctx.config.dataDir, "exports");
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_method, request_path, status_code)
    select gen_random_uuid(), now() - i * interval '1 ms', '10.0.0.1', 'GET', '/' || i, 200
    from generate_series(1, ${ROWS}::int) as i`;
});
afterAll(() => opened?.close());

interface RunOptions extends Partial<ExportParams> {
  context?: Context;
  id?: string;
  signal?: AbortSignal;
  onRows?: (rows: number) => void;
}

function run(options: RunOptions) {
  const {
    context = ctx,
    id = randomUUID(),
    signal = new AbortController().signal,
    onRows = () => {},
    ...params
  } = options;
  return runExport(context, {
    id,
    params: { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false, ...params },
    requestedBy: operator.name,
    attempt: 1,
    signal,
    fence: UNFENCED,
    progress: ({ done }) => onRows(done),
  });
}

const filesIn = async () => (await readdir(folder).catch(() => [])).sort();
const auditOf = async (action: string) =>
  (await ctx.db.sql<{ actor_name: string }[]>`select actor_name from audit_log where action = ${action}`).map(
    (row) => row.actor_name,
  );

test("the record contains the file's rows, size and checksum, and the manifest its content", async () => {
  const id = randomUUID();
  const start_date = "2019-12-31T20:00:00Z";
  const result = await run({ id, start_date, columns: ["id", "request_path"] });
  // In APP_TIMEZONE that is the next day.
  expect(result.file_name).toMatch(/^access_logs_2020-01-01_all_/);
  const bytes = await readFile(path.join(folder, result.file_name));
  expect(result).toMatchObject({
    row_count: ROWS,
    size_bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    file_path: `exports/${result.file_name}`,
  });
  const [record] = (await listExports(ctx, { limit: 10 })).items;
  expect(record).toMatchObject({
    export_id: id,
    requested_by: operator.name,
    downloads: 0,
    manifest: { start_date, columns: ["id", "request_path"], row_count: ROWS, sha256: result.sha256 },
  });
  expect(Date.parse(record?.manifest.snapshot_at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(await run({ id, columns: ["id", "request_path"] })).toEqual(result);
  await deleteExport(ctx, admin, id);
  expect(await filesIn()).toEqual([]);
  expect(await auditOf("export.delete")).toEqual([admin.name]);
});

test("an operator can delete their own exports, and only an administrator those of others", async () => {
  const jobOf = async (principal: Principal) => {
    const params = { export_type: "access_logs", format: "csv" } as const;
    const { job_id: id } = await startJob(ctx, "export", params, { principal });
    await run({ id });
    return id;
  };
  const another = { ...operator, id: "another" };
  const [own, others] = [await jobOf(operator), await jobOf(another)];
  // Both have the same name.
  const { items } = await exportReader(ctx, operator).list({ limit: 20 });
  expect(items.map(({ export_id, is_own }) => [export_id, is_own])).toEqual([
    [others, false],
    [own, true],
  ]);
  await expect(deleteExport(ctx, operator, others)).rejects.toMatchObject({ kind: "FORBIDDEN" });
  await expect(deleteExport(ctx, { ...operator, kind: "api_key" }, own)).rejects.toMatchObject({ kind: "FORBIDDEN" });
  expect(await filesIn()).toHaveLength(2);
  await deleteExport(ctx, operator, own);
  await deleteExport(ctx, admin, others);
  await expect(deleteExport(ctx, operator, others)).rejects.toMatchObject({ kind: "NOT_FOUND" });
  expect(await filesIn()).toEqual([]);
});

test.each(EXPORT_FORMAT_NAMES)("a cancelled %s export leaves no file and no running query", async (format) => {
  const control = new AbortController();
  const onRows = (rows: number) => {
    if (rows > 0) control.abort(new Error("cancelled by the test"));
  };
  await expect(run({ format, signal: control.signal, onRows })).rejects.toThrow("cancelled by the test");
  expect(await filesIn()).toEqual([]);
  const temporary = await readdir(path.join(ctx.config.dataDir, "columnar"), { recursive: true }).catch(() => []);
  expect(temporary.filter((name) => /\.(?:csv|parquet)$/.test(name))).toEqual([]);
  // The backend of a closed connection exits a moment later.
  const running = async () => [
    ...(await ctx.db.sql`
      select query from pg_stat_activity where datname = current_database() and application_name = 'batch-console export'`),
  ];
  await expect.poll(running).toEqual([]);
});

test("rows inserted while an export runs are not in it", async () => {
  let added = Promise.resolve<unknown>(undefined);
  const result = await run({
    format: "excel",
    columns: ["request_path"],
    filters: { request_path: "/11*" },
    onRows: (rows) => {
      if (rows === 0) return;
      added = added.then(
        () => ctx.db.sql`
          insert into access_logs (id, created_at, ip_address, request_path)
          values (gen_random_uuid(), now(), '10.0.0.2', '/11new')`,
      );
    },
  });
  await added;
  const [late] = await ctx.db.sql<{ count: number }[]>`
    select count(*)::int as count from access_logs where request_path = '/11new'`;
  const [matching] = await ctx.db.sql<{ count: number }[]>`
    select count(*)::int as count from access_logs where starts_with(request_path, '/11')`;
  expect(late?.count).toBeGreaterThan(0);
  expect(result.row_count).toBe((matching?.count ?? 0) - (late?.count ?? 0));
  await ctx.db.sql`delete from access_logs where request_path = '/11new'`;
});

test("more rows than the limit are rejected before a file is created, with the limit", async () => {
  const before = await filesIn();
  const request = { export_type: "access_logs", format: "csv", max_rows: 1_000 } as const;
  await expect(startExport(ctx, operator, request)).rejects.toMatchObject({ kind: "UNPROCESSABLE", message: /1000/ });
  await expect(run({ max_rows: 1_000 })).rejects.toMatchObject({ kind: "UNPROCESSABLE", message: /1000/ });
  expect(await filesIn()).toEqual(before);
  const preview = { ...request, filters: {}, compress: "none", bom: false } as const;
  expect(await previewExport(ctx, preview)).toMatchObject({
    row_count: 1_001,
    row_count_is_exact: false,
    over_limit: true,
    limit: 1_000,
  });
  expect(await previewExport(ctx, { ...preview, max_rows: undefined })).toMatchObject({
    row_count: ROWS,
    row_count_is_exact: true,
    over_limit: false,
    fits_excel: true,
    fits_disk: true,
  });
});

test("a preview's size estimate is for the chosen columns", async () => {
  const request = { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false } as const;
  for (const columns of [["status_code", "request_path"], undefined]) {
    const { estimated_bytes } = await previewExport(ctx, { ...request, columns });
    const { size_bytes } = await run({ columns });
    expect(estimated_bytes / size_bytes).toBeGreaterThan(0.7);
    expect(estimated_bytes / size_bytes).toBeLessThan(1.3);
  }
});

test("a filter's value is never interpreted as SQL", async () => {
  for (const value of ["'; drop table access_logs; --", "\\'; select 1; --", "' or '1'='1", "$1", "%s", "\\"]) {
    expect((await run({ filters: { user_id: value } })).row_count).toBe(0);
  }
});

test("files of a killed process are removed; those of a running one remain", async () => {
  await run({ columns: ["id"], filters: { user_id: "x" } });
  const remaining = await filesIn();
  const { job_id } = await startExport(ctx, operator, {
    export_type: "user_activities",
    format: "csv",
    filters: { user_id: "alive" },
  });
  await ctx.db.sql`
    update jobs set status = 'running', run_id = gen_random_uuid(), lease_until = now() + interval '1 hour', attempt = 2
    where id = ${job_id}`;
  const part = (job: string, attempt: number) =>
    `.access_logs_all_all_${runSuffix(job, attempt)}.csv.${randomUUID()}.part`;
  const [alive, ...dead] = [
    part(job_id, 2),
    part(job_id, 1),
    part(randomUUID(), 1),
    `.${randomUUID()}.${randomUUID()}.part`,
  ];
  for (const name of [alive, ...dead]) await writeFile(path.join(folder, name ?? ""), "half");
  await writeFile(path.join(folder, "unrecorded.csv"), "");
  await utimes(path.join(folder, "unrecorded.csv"), 1, 1);
  await sweepExports(ctx);
  expect(await filesIn()).toEqual([...remaining, alive].sort());
  await ctx.db
    .sql`update jobs set status = 'cancelled', finished_at = now(), run_id = null, lease_until = null where id = ${job_id}`;
  await sweepExports(ctx);
  expect(await filesIn()).toEqual(remaining);
});

test("exports of an earlier version, which recorded no store, can be downloaded and get one", async () => {
  const { file_path } = await run({ columns: ["id"], filters: { user_id: "earlier" } });
  await ctx.db.sql`update exports set store = null`;
  expect((await findExportFile(ctx, file_path)).store.id).toBe(ctx.files.current.id);
  await sweepExports(ctx);
  expect((await findExportFile(ctx, file_path)).record.store).toBe(ctx.files.current.id);
});

test("a file on the disk of another machine is reported as such, not as missing", async () => {
  const { file_path } = await run({ columns: ["id"], filters: { user_id: "elsewhere" } });
  const other = await mkdtemp(path.join(tmpdir(), "batch-console-other-"));
  try {
    await recordStores(ctx.db.sql, ctx.files.all);
    const files = await openFileStores({ dataDir: other, filesUrl: undefined }, ctx.db.sql);
    await expect(findExportFile({ ...ctx, files }, file_path)).rejects.toMatchObject({
      code: "files.other_disk",
      params: { location: ctx.files.current.location },
    });
  } finally {
    await rm(other, { recursive: true });
  }
});

test("expired exports are deleted with their files", async () => {
  await run({ columns: ["id"], filters: { user_id: "y" } });
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  // A worker whose clock is ahead removes none.
  expect(await expireExports({ ...ctx, now: () => inDays(200) })).toMatchObject({ matched_count: 0 });
  await setDatabaseClock(ctx.db.url, inDays(8));
  const { matched_count } = await expireExports(ctx, { dryRun: true });
  expect(matched_count).toBeGreaterThan(0);
  expect((await listExports(ctx, { limit: 10 })).items).toEqual([]);
  expect(await expireExports(ctx)).toMatchObject({ matched_count, deleted_count: matched_count });
  await setDatabaseClock(ctx.db.url, null);
  expect(await filesIn()).toEqual([]);
  expect(await auditOf("export.expire")).toHaveLength(matched_count);
});

test.each([
  ["csv", "none"],
  ["csv", "gzip"],
  ["csv", "zip"],
  ["parquet", "none"],
] as const)("a lost connection closes the file of the export: %s, compress %s", async (format, compress) => {
  let isEnded = false;
  const lost = run({
    format,
    compress,
    onRows: (rows) => {
      if (rows === 0 || isEnded) return;
      isEnded = true;
      void ctx.db.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'batch-console export'`.catch(() => {});
    },
  });
  await expect(lost).rejects.toThrow();
  expect(isEnded).toBe(true);
  expect(await openParts()).toEqual([]);
  expect((await filesIn()).filter((name) => name.endsWith(".part"))).toEqual([]);
});

/** The partial files that this process has open; known on Linux only. */
async function openParts(): Promise<string[]> {
  const descriptors = await readdir("/proc/self/fd").catch(() => []);
  const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return files.filter((file) => file.includes(".part"));
}

test("a folder that cannot be used is reported with the error of the system", async () => {
  const dataDir = path.join(ctx.config.dataDir, "blocked");
  await mkdir(dataDir);
  await writeFile(path.join(dataDir, "exports"), "a file in place of the folder");
  const files = await openFileStores({ dataDir, filesUrl: undefined }, ctx.db.sql);
  const failing = run({ context: { ...ctx, files } });
  await expect(failing).rejects.toMatchObject({ code: "files.unreachable", params: { reason: "EEXIST" } });
});

import { randomUUID } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFileStores, recordStores } from "@/server/files";
import { parseFilesUrl } from "@/server/files/files-url";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { readFacts } from "@/server/services/alerts/facts";
import { alertRules } from "@/server/services/alerts/rules";
import { findExportFile, runExport } from "@/server/services/exports";
import { checkHealth } from "@/server/services/health";
import { UNFENCED } from "@/server/services/jobs";
import { claimJob } from "@/server/services/jobs/claim";
import { findArchiveFile, startRestore, verifyArchive } from "@/server/services/retention";
import { cleanLogTable } from "@/server/services/retention/cleanup/clean-log-table";
import { archivedVersions, cleanupParams, fillAccessLogs, jobRun, tableVersions } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { hasS3Server, startS3, type TestS3 } from "@/server/testing/s3-server";
import { testOutages } from "@/server/testing/store-outages";
import { moveFiles } from "./move";

const MONTH = "2024-05";
const ROWS = 40;

let opened: TestContext;
/** Two machines with one database and a disk each. */
let first: Context;
let second: Context;
let folders: string[];

beforeEach(async () => {
  opened = await createTestContext();
  first = opened.context;
  folders = [];
  second = await machine();
  await recordStores(first.db.sql, first.files.all);
});
afterEach(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
  await opened.close();
});

async function machine(url?: string): Promise<Context> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-machine-"));
  folders.push(dataDir);
  const filesUrl = url === undefined ? undefined : parseFilesUrl(url);
  if (typeof filesUrl === "string") throw new Error(filesUrl);
  const config = { ...opened.context.config, dataDir, filesUrl };
  const files = await openFileStores(config, opened.context.db.sql);
  return { ...opened.context, config, files };
}

const archiveOn = async (ctx: Context) => {
  await fillAccessLogs(ctx, [MONTH], ROWS);
  await cleanLogTable(ctx, "access_logs", jobRun(cleanupParams()), {});
  const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives where state = 'removed'`;
  return archive?.id ?? "";
};

const exportOn = (ctx: Context) => {
  const params = { export_type: "access_logs", format: "csv", filters: {}, compress: "none", bom: false } as const;
  return runExport(ctx, jobRun(params, { fence: UNFENCED }));
};

test("An archive on another machine's disk is reported there as such, and not as missing or damaged", async () => {
  const id = await archiveOn(first);
  const elsewhere = { code: "files.other_disk", params: { location: first.files.current.location } };
  await expect(findArchiveFile(second, id)).rejects.toMatchObject(elsewhere);
  await expect(verifyArchive(second, COMMAND_LINE, id)).rejects.toMatchObject(elsewhere);
  expect(await first.db.sql`select problem from archives`).toEqual([{ problem: null }]);
  expect(await verifyArchive(first, COMMAND_LINE, id)).toMatchObject({ ok: true });
});

test("Files on several disks are reported by health and by an alert", async () => {
  await archiveOn(first);
  expect((await checkHealth(second)).parts.disk).toMatchObject({ state: "ok" });
  await exportOn(second);
  await recordStores(second.db.sql, second.files.all);
  expect((await checkHealth(second)).parts.disk).toMatchObject({
    state: "degraded",
    advice: {
      code: "health.several_disks",
      params: {
        locations: [first, second]
          .map(({ files }) => files.current.location)
          .sort()
          .join(", "),
      },
    },
  });
  expect(alertRules.several_disks.samples(await readFacts(first))).toEqual([{ subject: "", value: 1 }]);
});

test("A cleanup deletes no row, and no archive is reported missing, while the disk is not mounted", async () => {
  const id = await archiveOn(second);
  await fillAccessLogs(second, [MONTH], ROWS);
  const rows = await tableVersions(second, "access_logs");
  const { dataDir } = second.config;
  await rename(dataDir, `${dataDir}.disk`);
  await mkdir(dataDir);
  try {
    await expect(cleanLogTable(second, "access_logs", jobRun(cleanupParams()), {})).rejects.toMatchObject({
      cause: { code: "archive.not_written" },
    });
    await expect(exportOn(second)).rejects.toMatchObject({ code: "files.no_identity" });
    await expect(findArchiveFile(second, id)).rejects.toMatchObject({ code: "files.no_identity" });
    expect((await checkHealth(second)).parts.files).toMatchObject({
      state: "down",
      advice: { code: "health.files_unavailable", params: { reason: { code: "files.no_identity" } } },
    });
    expect(await readdir(dataDir)).toEqual([]);
    expect(await tableVersions(second, "access_logs")).toEqual(rows);
  } finally {
    await rm(dataDir, { recursive: true });
    await rename(`${dataDir}.disk`, dataDir);
  }
  expect(await verifyArchive(second, COMMAND_LINE, id)).toMatchObject({ ok: true });
  expect(await second.db.sql`select from archives where problem is not null`).toHaveLength(0);
});

test("A restore runs on a machine that has the archive", async () => {
  const id = await archiveOn(first);
  const { job_id } = await startRestore(second, COMMAND_LINE, { archive_id: id });
  expect(await claimJob(second, ["restore", "export"])).toBeNull();
  expect(await claimJob(first, ["restore", "export"])).toMatchObject({ id: job_id });
});

test("A cleanup on another machine than an interrupted one archives the rows again and loses none", async () => {
  await fillAccessLogs(first, [MONTH], ROWS);
  const rows = await tableVersions(first, "access_logs");
  const killed = cleanLogTable(first, "access_logs", jobRun(cleanupParams()), {
    onStep: (step) => {
      if (step === "archive complete") throw new Error("killed");
    },
  });
  await expect(killed).rejects.toThrow();
  await cleanLogTable(second, "access_logs", jobRun(cleanupParams()), {});
  expect(await tableVersions(first, "access_logs")).toEqual([]);
  const [mine] = await second.db.sql<
    { id: string }[]
  >`select id from archives where store = ${second.files.current.id}`;
  expect(await verifyArchive(second, COMMAND_LINE, mine?.id ?? "")).toMatchObject({ ok: true, rows: ROWS });
  // The machine of the interrupted one completes its archive at its next cleanup.
  await cleanLogTable(first, "access_logs", jobRun(cleanupParams()), {});
  expect(await first.db.sql`select from archives where state <> 'removed'`).toEqual([]);
  expect(rows).toHaveLength(ROWS);
});

describe.runIf(hasS3Server("swift"))("with an object store", () => {
  let server: TestS3;
  /** A part of the bucket for each test, since each has its own database. */
  let url: string;
  beforeEach(() => {
    url = server.url.replace("/files?", `/${randomUUID()}?`);
  });
  beforeAll(async () => {
    server = await startS3("swift");
    Object.assign(process.env, server.env);
  });
  afterAll(async () => {
    await server?.remove();
  });

  testOutages(() => server);

  test("every machine downloads exports and restores archives of every other", async () => {
    const [one, two] = [await machine(url), await machine(url)];
    expect(one.files.current.id).toBe(two.files.current.id);
    const { file_path } = await exportOn(one);
    const file = await findExportFile(two, file_path);
    expect(await text(await file.store.open(file.key))).toContain("request_path");
    const id = await archiveOn(one);
    expect(await verifyArchive(two, COMMAND_LINE, id)).toMatchObject({ ok: true, rows: ROWS });
    const { job_id } = await startRestore(one, COMMAND_LINE, { archive_id: id });
    expect(await claimJob(two, ["restore"])).toMatchObject({ id: job_id });
    // Only the identity of the disk is on it.
    expect(await readdir(two.config.dataDir)).toEqual(["disk-id"]);
  });

  test("a store with the files of another database is refused, whose files a sweep would delete", async () => {
    await machine(url);
    const other = await createTestContext();
    try {
      const config = { ...other.context.config, filesUrl: (await machine(url)).config.filesUrl };
      await expect(openFileStores(config, other.context.db.sql)).rejects.toMatchObject({ code: "files.foreign_store" });
    } finally {
      await other.close();
    }
  });

  test("files are moved to it and back; an interrupted move is repeated, and a damaged file is not moved", async () => {
    const id = await archiveOn(first);
    const versions = await archivedVersions(first, "access_logs");
    const [kept, damaged] = [await exportOn(first), await exportOn(first)];
    await appendFile(path.join(first.config.dataDir, damaged.file_path), "x");
    const config = { ...first.config, filesUrl: (await machine(url)).config.filesUrl };
    const ctx: Context = { ...first, config, files: await openFileStores(config, first.db.sql) };
    const stop = new AbortController();
    const interrupted = moveFiles(ctx, "s3", { signal: stop.signal, onFile: () => stop.abort() });
    await expect(interrupted).rejects.toThrow("aborted");

    const signal = new AbortController().signal;
    expect(await moveFiles(ctx, "s3", { signal, onFile: () => {} })).toMatchObject({
      moved: 1,
      damaged: 1,
      elsewhere: 0,
    });
    expect(await readdir(path.join(first.config.dataDir, "exports"))).toEqual([damaged.file_name]);
    expect(await verifyArchive(ctx, COMMAND_LINE, id)).toMatchObject({ ok: true });
    expect(await archivedVersions(ctx, "access_logs")).toEqual(versions);
    // A machine without FILES_URL names the object store.
    await expect(findExportFile(first, kept.file_path)).rejects.toMatchObject({ code: "files.store_not_configured" });

    expect(await moveFiles(ctx, "disk", { signal, onFile: () => {} })).toMatchObject({ moved: 2, damaged: 0 });
    expect(await archivedVersions(first, "access_logs")).toEqual(versions);
    expect((await findExportFile(first, kept.file_path)).store.id).toBe(first.files.current.id);
  });
});

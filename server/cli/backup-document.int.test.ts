import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { type OpenContext, openContext } from "@/server/process/open-context";
import { authenticate } from "@/server/services/accounts";
import { findExportFile } from "@/server/services/exports";
import { verifyArchive } from "@/server/services/retention";
import { runScheduler } from "@/server/services/schedules";
import { allRows, fillInstallation, type Installation, signIn } from "@/server/testing/installation";
import { intakeSums } from "@/server/testing/intake-sums";
import { programEnvironment } from "@/server/testing/program-environment";

/** The folder that docs/backup.md uses for backups. */
const DOCUMENTED = "/var/backups/console";

let folder: string;
let original: OpenContext;
let installation: Installation;
const dataDir = (name: string) => path.join(folder, name);

/** Two embedded PostgreSQL servers are created and started. */
const TIMEOUT_MS = 240_000;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-backup-"));
  original = await start("original");
  installation = await fillInstallation(original.context);
}, TIMEOUT_MS);
afterAll(async () => {
  await original.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens an installation with its own embedded PostgreSQL. */
async function start(name: string): Promise<OpenContext> {
  const config = loadConfig({ NODE_ENV: "test", DATA_DIR: dataDir(name), LOG_LEVEL: "silent" });
  return await openContext("web", { config, log: pino({ level: "silent" }) });
}

/** Returns the commands of the blocks of docs/backup.md that are marked `rehearsed=NAME`. */
async function documented(name: string): Promise<string> {
  const text = await readFile("docs/backup.md", "utf8");
  const blocks = [...text.matchAll(/^ *```sh rehearsed=(\w+)\n(.*?)^ *```$/gms)];
  const [, , commands] = blocks.find(([, mark]) => mark === name) ?? [];
  if (!commands) throw new Error(`docs/backup.md has no commands marked ${name}.`);
  return commands.replaceAll(DOCUMENTED, folder);
}

/** Runs commands like a user in the folder of the product. */
async function run(commands: string, installationName: string) {
  const env = { ...programEnvironment(), NODE_ENV: "production" as const, DATA_DIR: dataDir(installationName) };
  return await promisify(execFile)("sh", ["-ec", commands], { env });
}

async function sha256(ctx: Context, filePath: string): Promise<string> {
  const { store, key } = await findExportFile(ctx, filePath);
  const hash = createHash("sha256");
  for await (const block of await store.open(key)) hash.update(block);
  return hash.digest("hex");
}

test(
  "docs/backup.md restores an installation on a clean machine: rows, files, users, keys and counters",
  async () => {
    const { context: before } = original;
    const rows = await allRows(before.db.sql);
    const { stdout, stderr } = await run(await documented("backup"), "original");
    expect(stderr).toBe("");
    const [created = "", verified = ""] = stdout.trimEnd().split("\n");
    expect(JSON.parse(created)).toMatchObject({ files: { included: 2, listed: 0, removed: 0, missing: 0 } });
    expect(JSON.parse(created)).toMatchObject(JSON.parse(verified));
    expect((await readdir(folder)).sort()).toEqual(["console.tar", "original"]);

    await run(await documented("restore"), "restored");
    const restored = await start("restored");
    try {
      const { context: after } = restored;
      const { audit_log = [], ...others } = await allRows(after.db.sql);
      const { audit_log: recorded = [], ...expected } = rows;
      expect(others).toEqual(expected);
      // The backup recorded itself before its snapshot, the restore after it.
      expect(audit_log).toEqual(expect.arrayContaining(recorded));
      expect(audit_log).toHaveLength(recorded.length + 2);

      for (const table of ["access_logs", "user_activities"] as const)
        expect(await intakeSums(after, table)).toEqual(await intakeSums(before, table));
      expect(await sha256(after, installation.exportPath)).toBe(installation.exportSha256);
      const admin = { kind: "user", id: "1", name: "admin", role: "admin" } as const;
      expect(await verifyArchive(after, admin, installation.archiveId)).toMatchObject({ ok: true, rows: 100 });

      const key = new Headers({ authorization: `Bearer ${installation.apiKey}` });
      expect(await authenticate(after, key)).toMatchObject({ kind: "api_key", name: "shipper" });
      const cookie = new Headers({ cookie: installation.cookie });
      expect(await authenticate(before, cookie)).toMatchObject({ kind: "user" });
      expect(await authenticate(after, cookie)).toBeNull();
      expect((await signIn(after)).status).toBe(200);
      await expect(after.db.sql`delete from audit_log`).rejects.toThrow(/takes no change/);

      const control = new AbortController();
      const scheduler = runScheduler(after, { signal: control.signal });
      await expect.poll(() => after.db.sql`select from scheduled_tasks where next_run_at > now()`).not.toHaveLength(0);
      control.abort();
      await scheduler;
      expect(await after.db.sql`select from scheduled_task_runs`).toHaveLength(0);

      // A second restore is refused.
      await expect(run(await documented("restore"), "restored")).rejects.toMatchObject({
        stderr: expect.stringMatching(/^The database is not empty [^\n]+\n$/),
      });
    } finally {
      await restored.close();
    }
  },
  TIMEOUT_MS,
);

test(
  "an existing backup is not replaced",
  async () => {
    await expect(run(await documented("backup"), "original")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/console\.tar exists already\.\n$/),
    });
  },
  TIMEOUT_MS,
);

import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { migrateTo } from "@/server/db/migrate";
import { newestSchema } from "@/server/db/schema-number";
import { DiskStore, openDiskStore } from "@/server/files/disk-store";
import { type Config, loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { manifestPath } from "@/server/services/archive-files";
import { queueStatus } from "@/server/services/queues";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { allRows, fillInstallation } from "@/server/testing/installation";
import { takeIn } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import { catalogOf } from "@/server/testing/schema-catalog";
import { createBackup } from "./create-backup";
import { dumpFiles } from "./dump-files";
import { restoreBackup } from "./restore-backup";
import { verifyBackup } from "./verify-backup";
import { makeArchiveWriter } from "./write-archive";

const APP_SECRET = "a secret of the original installation";
const { signal } = new AbortController();
let opened: TestContext;
let source: Context;
let backup: Buffer;
/** Databases and folders to remove after each test. */
const clean: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  opened = await createTestContext({ env: { APP_SECRET } });
  source = opened.context;
  await fillInstallation(source);
  backup = await backUp();
});
afterAll(() => opened.close());
afterEach(async () => {
  for (const remove of clean.splice(0).reverse()) await remove();
});

async function backUp(
  given: { config?: Config; url?: string; withFiles?: boolean; onBlock?: (block: Buffer) => Promise<void> } = {},
) {
  const blocks: Buffer[] = [];
  const destination = new Writable({
    write: (block: Buffer, _encoding, done) => {
      blocks.push(block);
      (given.onBlock?.(block) ?? Promise.resolve()).then(() => done(), done);
    },
  });
  const { config = source.config, url = source.db.url, withFiles = true } = given;
  await createBackup({
    config,
    url,
    destination,
    withFiles,
    name: "test",
    signal,
    onProgress: () => {},
    onNotice: () => {},
  });
  return Buffer.concat(blocks);
}

async function cleanMachine(
  options: { bare: boolean } = { bare: true },
): Promise<{ database: TestDatabase; config: Config }> {
  const database = await createTestDatabase(options);
  const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-restored-"));
  clean.push(
    () => database.drop(),
    () => rm(dataDir, { recursive: true, force: true }),
  );
  const config = loadConfig({ NODE_ENV: "test", DATABASE_URL: database.url, DATA_DIR: dataDir, LOG_LEVEL: "silent" });
  return { database, config };
}

const restore = (bytes: Buffer, { config, database }: { config: Config; database: TestDatabase }) =>
  restoreBackup({
    config,
    url: database.url,
    source: Readable.from([bytes]),
    signal,
    onProgress: () => {},
    onNotice: () => {},
  });

async function start(config: Config): Promise<Context> {
  const { context, close } = await openContext("web", { config, log: pino({ level: "silent" }) });
  clean.push(close);
  return context;
}

test("a backup that is taken during intake contains one moment: its counters equal its rows", async () => {
  const control = new AbortController();
  const intake = (async () => {
    for (let round = 0; !control.signal.aborted; round++) {
      await takeIn(source, "user_activities", `{"user_id":"during","action":"a${round}"}\n`, { format: "ndjson" });
    }
  })();
  const bytes = await backUp({ withFiles: false });
  control.abort();
  await intake;
  const machine = await cleanMachine({ bare: false });
  // As after a start of a worker with the empty tables.
  await machine.database.db.sql`insert into segment_layouts (log_table, layout) values ('user_activities', 1)`;
  expect(await restore(bytes, machine)).toMatchObject({ files: { included: 0, listed: 2 } });
  const ctx = await start(machine.config);
  expect(await ctx.db.sql`select from segment_layouts`).toHaveLength(0);
  // Files that are only listed remain in the store of their records.
  expect(await ctx.db.sql`select store from exports`).toEqual([{ store: source.files.current.id }]);
  const [rows] = await ctx.db.sql<{ count: number }[]>`select count(*)::int as count from user_activity_logs`;
  const { inserted_total } = await intakeSums(ctx, "user_activities");
  expect(inserted_total).toBe(rows?.count);
  expect((await queueStatus(ctx)).queues.user_activities.queue_length).toBe(2);
});

describe("A damaged or incomplete backup", () => {
  const flipped = (position: number) => {
    const bytes = Buffer.from(backup);
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    return bytes;
  };
  const middleOf = (name: string) => backup.indexOf(name) + 512 + 100;

  const LINE = /^(The backup is (incomplete|damaged)|This is not a backup)[^\n]*\.$/;

  test.each<[string, () => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["another file", () => Buffer.from("id,created_at\n".repeat(1_000))],
    ["cut in its header", () => backup.subarray(0, 700)],
    ["cut after its tables", () => backup.subarray(0, backup.indexOf("files/archives"))],
    ["cut in a file", () => backup.subarray(0, middleOf("files/archives"))],
    ["cut before its manifest", () => backup.subarray(0, backup.indexOf("manifest.json"))],
    ["changed in a table", () => flipped(middleOf("tables/archives/000000.txt.gz"))],
    ["changed in a file", () => flipped(middleOf("files/exports"))],
    ["changed in the secret", () => flipped(backup.indexOf(APP_SECRET) + 3)],
  ])("is found by --verify: %s", async (_name, makeBytes) => {
    await expect(verifyBackup(Readable.from([makeBytes()]))).rejects.toThrow(LINE);
  });

  test("leaves the database empty, so that another attempt succeeds", async () => {
    const machine = await cleanMachine();
    for (const bytes of [
      backup.subarray(0, middleOf("files/archives")),
      backup.subarray(0, backup.indexOf("manifest.json")),
      flipped(middleOf("tables/archives/000000.txt.gz")),
      flipped(middleOf("files/exports")),
    ]) {
      await expect(restore(bytes, machine)).rejects.toThrow(LINE);
    }
    expect(await restore(backup, machine)).toMatchObject({ files: { included: 2 } });
    const ctx = await start(machine.config);
    expect(ctx.secret).toBe(APP_SECRET);
    const before = await source.db.sql<{ id: number }[]>`select max(id) as id from imports`;
    const event = `{"user_id":"new","action":"new"}\n`;
    const { import_id } = await takeIn(ctx, "user_activities", event, { format: "ndjson" });
    // Not a number that an import of the original could have got after the backup.
    expect(import_id).toBeGreaterThan((before[0]?.id ?? 0) + 500);
  });
});

test("a database that contains rows is not changed", async () => {
  const machine = await cleanMachine({ bare: false });
  await machine.database.db.sql`insert into settled_claims (claim_id) values (gen_random_uuid())`;
  const before = await allRows(machine.database.db.sql);
  await expect(restore(backup, machine)).rejects.toThrow(
    /^The database is not empty \(table settled_claims\)\. [^\n]+$/,
  );
  expect(await allRows(machine.database.db.sql)).toEqual(before);
});

test("a backup of an older version keeps its schema, and is migrated when it is restored", async () => {
  const old = await createTestDatabase({ bare: true });
  clean.push(old.drop);
  await migrateTo(18, old.url);
  await old.db.sql`insert into measures (grain, at, name, sum, least, most) values ('total', now(), 'x', 1, 1, 1)`;
  const { config } = await cleanMachine();
  const bytes = await backUp({ config, url: old.url });
  expect(await verifyBackup(Readable.from([bytes]))).toMatchObject({ schema: 18 });
  expect(await old.db.sql`select name from measures`).toEqual([{ name: "x" }]);

  const machine = await cleanMachine();
  await restore(bytes, machine);
  expect(await machine.database.db.sql`select name from metrics`).toEqual([{ name: "x" }]);
  const newer = await cleanMachine({ bare: false });
  await expect(restore(bytes, newer)).rejects.toThrow(/^The backup has an older schema [^\n]+$/);
});

test("a backup that is restored into the empty tables of an older version has the indexes of its own version", async () => {
  const machine = await cleanMachine();
  await migrateTo(5, machine.database.url);
  await restore(backup, machine);
  expect(await catalogOf(machine.database.db.sql)).toEqual(await catalogOf(source.db.sql));
});

test("a database or a backup of a newer version is refused in one line", async () => {
  const machine = await cleanMachine({ bare: false });
  const newest = await newestSchema();
  const newer = Buffer.from(backup.toString("latin1").replace(`"schema": ${newest}`, `"schema": 99`), "latin1");
  await expect(restore(newer, machine)).rejects.toThrow(/^The backup was created by version [^\n]+$/);
  await machine.database.db.sql`
    insert into __drizzle_migrations (hash, created_at) values ('later', ${Date.now() * 2})`;
  await expect(backUp({ config: machine.config, url: machine.database.url })).rejects.toThrow(/newer version/);
});

test("a backup without one missing archive file can be verified and restored with everything else", async () => {
  const [archive] = await source.db.sql<{ path: string }[]>`select path from archives where state = 'removed'`;
  const file = path.join(source.config.dataDir, archive?.path ?? "");
  await rename(file, `${file}.elsewhere`);
  try {
    const bytes = await backUp();
    const files = { included: 1, missing: 1, listed: 0, removed: 0 };
    expect(await verifyBackup(Readable.from([bytes]))).toMatchObject({ files });
    expect(await restore(bytes, await cleanMachine())).toMatchObject({ files });
  } finally {
    await rename(`${file}.elsewhere`, file);
  }
});

test("an archive that is moved to another store during a backup is included with its manifest", async () => {
  const [archive] = await source.db.sql<{ path: string; store: string }[]>`
    select path, store from archives where state = 'removed'`;
  if (!archive) throw new Error("The installation has no archive.");
  const { dataDir } = source.config;
  const other = await mkdtemp(path.join(tmpdir(), "batch-console-moved-"));
  const to = await openDiskStore(other);
  const setStore = (id: string) =>
    source.db.sql`update archives set store = ${id} where path = ${archive.path}`.then(() => {});
  /** The store from which the archive is moved as soon as its first file is open. */
  class From extends DiskStore {
    override async open(key: string) {
      const bytes = await super.open(key);
      await setStore(to.id);
      await rm(path.join(dataDir, "archives"), { recursive: true });
      return bytes;
    }
  }
  await cp(path.join(dataDir, "archives"), path.join(other, "archives"), { recursive: true });
  const from = new From(dataDir, archive.store);
  const stores = { ...source.files, of: async (id: string | null) => (id === to.id ? to : from) };
  const writer = makeArchiveWriter(new Writable({ write: (_block, _encoding, done) => done() }));
  try {
    const files = [{ key: archive.path, store: archive.store, kind: "archive" as const }];
    const dumped = await dumpFiles({ sql: source.db.sql, stores, writer, signal, onFile: () => {} }, files);
    expect(dumped).toMatchObject([{ state: "included" }]);
    const names = writer.entries.map(({ name }) => name);
    expect(names).toEqual([`files/${manifestPath(archive.path)}`, `files/${archive.path}`]);
  } finally {
    await setStore(archive.store);
    await cp(path.join(other, "archives"), path.join(dataDir, "archives"), { recursive: true });
    await rm(other, { recursive: true });
  }
});

test("an interrupted backup reports its interruption", async () => {
  const control = new AbortController();
  control.abort(new Error("stopped"));
  await expect(
    createBackup({
      config: source.config,
      url: source.db.url,
      destination: new Writable({ write: (_block, _encoding, done) => done() }),
      withFiles: true,
      name: "test",
      signal: control.signal,
      onProgress: () => {},
      onNotice: () => {},
    }),
  ).rejects.toThrow("stopped");
});

// Last, because it changes the installation.
test("an archive that expires between the snapshot and the copy of its file is restored as expired", async () => {
  let isExpired = false;
  const bytes = await backUp({
    onBlock: async (block) => {
      if (isExpired || !block.includes("tables/user/")) return;
      isExpired = true;
      await source.db.sql`update archives set state = 'expired', expired_at = now() where state = 'removed'`;
      await rm(path.join(source.config.dataDir, "archives"), { recursive: true });
    },
  });
  expect(isExpired).toBe(true);
  const machine = await cleanMachine();
  expect(await restore(bytes, machine)).toMatchObject({ files: { included: 1, removed: 1, missing: 0 } });
  expect(await machine.database.db.sql`select state from archives`).toEqual([{ state: "expired" }]);
});

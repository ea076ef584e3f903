import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract as makeExtract, pack as makePack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { createTestDatabase } from "@/server/testing/database";
import { createBackup } from "./create-backup";
import { restoreBackup } from "./restore-backup";
import { verifyBackup } from "./verify-backup";

const run = { signal: new AbortController().signal, onProgress: () => {}, onNotice: () => {} };
let opened: TestContext;
let backup: Buffer;

beforeAll(async () => {
  opened = await createTestContext();
  const { config, db } = opened.context;
  const destination = new PassThrough();
  const content = buffer(destination);
  await createBackup({ ...run, config, url: db.url, destination, withFiles: true, name: "test" });
  backup = await content;
});
afterAll(() => opened.close());

/** Adds an entry before the manifest, and to it. */
async function withEntry(name: string): Promise<Buffer> {
  const changed = makePack();
  const content = Buffer.from("planted");
  const sha256 = createHash("sha256").update(content).digest("hex");
  for await (const entry of Readable.from([backup]).pipe(makeExtract())) {
    const bytes = await buffer(entry);
    if (entry.header.name !== "manifest.json") {
      changed.entry({ name: entry.header.name }, bytes);
      continue;
    }
    changed.entry({ name }, content);
    const manifest = JSON.parse(bytes.toString());
    manifest.entries.push({ name, size_bytes: content.length, sha256 });
    changed.entry({ name: entry.header.name }, JSON.stringify(manifest));
  }
  changed.finalize();
  return await buffer(changed);
}

const LINE = /^The backup is damaged: it contains an unknown entry [^\n]+\.$/;

describe("A backup with a file outside the folders of files, whose checksums are right,", () => {
  test.each([
    "files/exports/../planted",
    "files/archives/../exports/../../planted",
    "files/exports/./planted",
    "files/exports//planted",
    "files/exports/",
    "files/exports/..\\planted",
    "files/planted",
  ])("is reported by --verify: %j", async (name) => {
    const bytes = await withEntry(name);
    await expect(verifyBackup(Readable.from([bytes]))).rejects.toThrow(LINE);
  });

  test("writes nothing when it is restored", async () => {
    const database = await createTestDatabase({ bare: true });
    const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-restored-"));
    try {
      const config = loadConfig({ NODE_ENV: "test", DATABASE_URL: database.url, DATA_DIR: dataDir });
      const source = Readable.from([await withEntry("files/exports/../planted")]);
      await expect(restoreBackup({ ...run, config, url: database.url, source })).rejects.toThrow(LINE);
      expect(await readdir(dataDir)).not.toContain("planted");
    } finally {
      await database.drop();
      await rm(dataDir, { recursive: true });
    }
  });
});

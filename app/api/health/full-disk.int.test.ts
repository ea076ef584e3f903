import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase } from "@/server/db/client";
import { findServerUser } from "@/server/db/embedded/run-as";
import { checkHealth, isReady } from "@/server/services/health";
import { createTestContext, type TestContext } from "@/server/testing/context";

/** PostgreSQL writes temporary files to this tablespace, as does the health check. */
const SPACE = `small_${randomBytes(4).toString("hex")}`;

let subject: TestContext;
let folder: string;
let isSmall = false;
beforeAll(async () => {
  subject = await createTestContext();
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-small-"));
  isSmall = mountSmallDisk(folder);
  const user = process.getuid?.() === 0 ? await findServerUser() : null;
  if (user) await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
});
afterAll(async () => {
  await subject.close();
  if (isSmall) execFileSync("umount", [folder]);
  await rm(folder, { recursive: true, force: true });
});

/** @returns whether this user can mount a disk; otherwise the usual disk is used, which is never full */
function mountSmallDisk(at: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", at], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Simulates a process that checks for the first time, because results are cached for seconds. */
async function databaseHealth() {
  const db = connectDatabase(subject.context.db.url, { applicationName: "test", max: 2 });
  const ctx = { ...subject.context, db };
  const { parts } = await checkHealth(ctx);
  // Pages remain available, such as those that free space.
  expect(await isReady(ctx)).toBe(true);
  await db.close();
  return parts.database;
}

test("a full PostgreSQL disk is reported by health until space is freed", async () => {
  const { sql, url } = subject.context.db;
  const database = new URL(url).pathname.slice(1);
  await sql.unsafe(`create tablespace ${SPACE} location '${folder}'`);
  try {
    await sql.unsafe(`alter database ${database} set temp_tablespaces = '${SPACE}'`);
    expect(await databaseHealth()).toMatchObject({ state: "ok" });
    await sql.unsafe(`create table filler (text text) tablespace ${SPACE}`);
    await sql.unsafe("alter table filler alter column text set storage external");
    const fill = async () => {
      for (let rows = 0; rows < 100; rows++) await sql`insert into filler values (repeat('x', 100000))`;
    };
    if (isSmall) {
      await expect(fill()).rejects.toMatchObject({ code: "53100" });
      expect(await databaseHealth()).toMatchObject({
        state: "degraded",
        advice: { code: "health.database_disk_full" },
      });
    }
    await sql`drop table filler`;
    await expect.poll(databaseHealth).toMatchObject({ state: "ok" });
  } finally {
    await sql`drop table if exists filler`;
    await sql.unsafe(`alter database ${database} reset temp_tablespaces`);
    await sql.unsafe(`drop tablespace ${SPACE}`);
  }
});

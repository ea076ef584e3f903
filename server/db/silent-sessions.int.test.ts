import type { Writable } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { LOCKS } from "./advisory-locks";
import { connectDatabase, type Database } from "./client";
import { migrateDatabase } from "./migrate";
import { listPartitions } from "./partitions";

let subject: TestContext | undefined;
let frozen: Database | undefined;

afterEach(async () => {
  await frozen?.close();
  await subject?.close();
});

/** A transaction whose client stops in the middle of a statement, so that no timeout of PostgreSQL applies. */
async function freezeWith(db: Database, lock: number, object: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    db.sql
      .begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${lock}, hashtext(${object}))`;
        const input: Writable = await tx`copy dead_letters from stdin`.writable();
        resolve();
        await new Promise((_, fail) => input.once("error", fail));
      })
      .catch(reject);
  });
}

test("A process starts and creates the months that are missing while another is frozen as it creates one", async () => {
  subject = await createTestContext();
  const { db, config } = subject.context;
  const url = config.databaseUrl ?? "";
  const [newest] = (await listPartitions(db.sql, "access_logs")).reverse();
  await db.sql.unsafe(`drop table ${newest?.name}`);
  frozen = connectDatabase(url, { applicationName: "frozen" });
  await freezeWith(frozen, LOCKS.partitions, "access_logs");

  await migrateDatabase(url);
  expect(await listPartitions(db.sql, "access_logs")).toContainEqual(expect.objectContaining({ month: newest?.month }));
  await vi.waitFor(
    async () =>
      expect(await db.sql`select from pg_stat_activity where application_name = 'frozen' and state = 'active'`).toEqual(
        [],
      ),
    { timeout: 60_000 },
  );
});

test("A process starts immediately while another is frozen, if no month is missing", async () => {
  subject = await createTestContext();
  const { db, config } = subject.context;
  const url = config.databaseUrl ?? "";
  frozen = connectDatabase(url, { applicationName: "frozen" });
  await freezeWith(frozen, LOCKS.partitions, "access_logs");

  await migrateDatabase(url);
  // The frozen session did not have to be ended.
  expect(
    await db.sql`select from pg_stat_activity where application_name = 'frozen' and state = 'active'`,
  ).toHaveLength(1);
});

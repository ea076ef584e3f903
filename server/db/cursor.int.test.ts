import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseFailureOf } from "@/server/lib/errors";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { connectSession } from "./session";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("a connection lost while a cursor's rows are processed ends only its own transaction", async () => {
  const session = connectSession(database.url, { applicationName: "cursor", timeZone: "UTC" });
  const sessions = () => database.db.sql<{ pid: number }[]>`
    select pid from pg_stat_activity where datname = current_database() and application_name = 'cursor'`;
  const reading = session.begin(async (tx) => {
    for await (const rows of tx`select * from generate_series(1, 1000)`.cursor(10)) {
      expect(rows.length).toBeLessThanOrEqual(10);
      for (const { pid } of await sessions()) await database.db.sql`select pg_terminate_backend(${pid}, 5000)`;
      // The client is notified shortly afterwards.
      while ((await sessions()).length > 0) await sleep(5);
      await sleep(50);
    }
  });
  const failure = await reading.catch((error: unknown) => error);
  expect(databaseFailureOf(failure)).toBe("unreachable");
  await session.end({ timeout: 1 });
});

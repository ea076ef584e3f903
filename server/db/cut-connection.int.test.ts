import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseFailureOf } from "@/server/lib/errors";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { connectDatabase, type Database } from "./client";
import { connectSession } from "./session";

let server: TestDatabase;

beforeAll(async () => {
  server = await createTestDatabase({ max: 2 });
  await server.db.sql`create table things (id integer primary key, text text)`;
});
afterAll(() => server.drop());

/** Opens connections through a proxy that can close them without a message from PostgreSQL. */
async function throughProxy(work: (url: string, proxy: FrozenProxy, db: Database) => Promise<void>): Promise<void> {
  const url = new URL(server.url);
  const proxy = await startFrozenProxy(Number(url.port));
  url.port = String(proxy.port);
  const db = connectDatabase(url.href, { applicationName: "through the proxy", max: 1 });
  try {
    await work(url.href, proxy, db);
  } finally {
    await db.close();
    await proxy.close();
  }
}

const isLost = (error: unknown) => databaseFailureOf(error) === "unreachable";

test("a COPY whose connection is cut fails, and the next transaction succeeds", () =>
  throughProxy(async (_, proxy, { sql }) => {
    const copying = sql.begin(async (tx) => {
      const stream = await tx.unsafe("copy things (id, text) from stdin").writable();
      const failed = new Promise((_resolve, reject) => stream.once("error", reject));
      stream.write("1\tone\n");
      await sleep(50);
      proxy.cut();
      await failed;
    });
    expect(isLost(await copying.catch((error: unknown) => error))).toBe(true);
    await expect.poll(() => sql.begin((tx) => tx`select count(*)::int as rows from things`)).toEqual([{ rows: 0 }]);
  }));

test("every statement of a transaction fails when its connection is cut, also those that were not sent yet", () =>
  throughProxy(async (_, proxy, { sql }) => {
    let outcomes: Promise<PromiseSettledResult<unknown>[]> = Promise.resolve([]);
    const transaction = sql.begin(async (tx) => {
      outcomes = Promise.allSettled([tx`select pg_sleep(2)`, tx`select 1`, tx`select 2`]);
      await sleep(50);
      proxy.cut();
      await outcomes;
    });
    expect(isLost(await transaction.catch((error: unknown) => error))).toBe(true);
    const errors = (await outcomes).map((outcome) => (outcome.status === "rejected" ? outcome.reason : null));
    expect(errors.map(isLost)).toEqual([true, true, true]);
  }));

test("a connection that is cut while it reads the array types fails its statement, and nothing else", () =>
  throughProxy(async (_, proxy, { sql }) => {
    proxy.cutAt("pg_type");
    expect(isLost(await sql`select 1`.catch((error: unknown) => error))).toBe(true);
    proxy.cutAt(null);
    await expect.poll(() => sql`select 1 as one`.catch(() => [])).toEqual([{ one: 1 }]);
  }));

test("work on the rows of a cursor that fails after its connection was cut ends its transaction, and nothing else", () =>
  throughProxy(async (url, proxy) => {
    const session = connectSession(url, { applicationName: "cursor", timeZone: "UTC" });
    const reading = session.begin(async (tx) => {
      for await (const _rows of tx`select * from generate_series(1, 1000)`.cursor(10)) {
        proxy.cut();
        await sleep(50);
        throw new Error("The disk is full.");
      }
    });
    await expect(reading).rejects.toThrow();
    await session.end({ timeout: 1 });
  }));

test("no statement waits behind a slow one while another connection is free", async () => {
  const db = connectDatabase(server.url, { applicationName: "two connections", max: 2 });
  try {
    const busy = [db.sql`select pg_sleep(0.3)`, db.sql`select pg_sleep(0.3)`];
    const slow = db.sql`select pg_sleep(3)`.execute();
    const quick = await Promise.race([
      Promise.all([...busy, db.sql`select 1`, db.sql`select 2`]),
      slow.then(() => null),
    ]);
    expect(quick).not.toBeNull();
    await slow;
  } finally {
    await db.close();
  }
});

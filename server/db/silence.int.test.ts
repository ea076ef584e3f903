import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { connectDatabase, connectForLongWork, type Database, type Sql } from "./client";
import { copyFrom } from "./copy";

/** What a caller may wait for an answer, whatever hangs. */
const ANSWERED_WITHIN_MS = 15_000;
const TIMEOUT = 60_000;

let server: TestDatabase;
let proxy: FrozenProxy;
let db: Database;
let long: Sql;

beforeEach(async () => {
  server = await createTestDatabase({ max: 2 });
  const direct = new URL(server.url);
  proxy = await startFrozenProxy(Number(direct.port));
  direct.port = String(proxy.port);
  db = connectDatabase(direct.href, { applicationName: "through the proxy", max: 3 });
  long = connectForLongWork(direct.href, "long work through the proxy");
});

afterEach(async () => {
  await Promise.all([db.close(), long.end({ timeout: 1 })]);
  await proxy.close();
  await server.drop();
});

async function millisecondsOf(work: PromiseLike<unknown>): Promise<number> {
  const start = performance.now();
  await Promise.resolve(work).catch(() => {});
  return performance.now() - start;
}

const isUnreachable = { code: expect.stringMatching(/^(CONNECTION_SILENT|CONNECT_TIMEOUT|QUEUE_TIMEOUT)$/) };

describe("While PostgreSQL does not answer", () => {
  test("every statement fails in time, also those that wait for a connection", { timeout: TIMEOUT }, async () => {
    await Promise.all(Array.from({ length: 3 }, () => db.sql`select pg_sleep(0.05)`));
    proxy.freeze();
    const statements = Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? db.sql`select ${index}` : db.sql.begin((tx) => tx`select ${index}`),
    );
    const outcomes = await Promise.all(
      [...statements, db.read.execute("select 1"), db.orm.execute("select 1"), db.intake.access_logs`select 1`].map(
        async (statement) => {
          const start = performance.now();
          const error: unknown = await Promise.resolve(statement).catch((thrown: unknown) => thrown);
          const cause = error instanceof Error && error.cause ? error.cause : error;
          return { cause, took: performance.now() - start };
        },
      ),
    );
    for (const { cause, took } of outcomes) {
      expect(cause).toMatchObject(isUnreachable);
      expect(took).toBeLessThan(ANSWERED_WITHIN_MS);
    }
  });
});

describe("Once new connections work again, though the old ones stay silent", () => {
  test("statements succeed within ten seconds", { timeout: TIMEOUT }, async () => {
    await Promise.all(Array.from({ length: 3 }, () => db.sql`select pg_sleep(0.05)`));
    proxy.freeze();
    const lost = Promise.allSettled(Array.from({ length: 9 }, () => db.sql`select 1`));
    await sleep(1_000);
    proxy.forget();
    const start = performance.now();
    await expect
      .poll(() => db.sql`select 1 as one`.catch(() => []), { timeout: 10_000, interval: 100 })
      .toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(10_000);
    await lost;
  });
});

describe("A statement that takes long", () => {
  test("goes on while PostgreSQL works on it, however long it says nothing", { timeout: TIMEOUT }, async () => {
    expect(await db.sql`select 1 as one from pg_sleep(10)`).toEqual([{ one: 1 }]);
  });

  test("is given up when its connection went silent in the middle", { timeout: TIMEOUT }, async () => {
    const working = long`select pg_sleep(120)`.then(
      () => "done",
      (error: { code: string }) => error.code,
    );
    await expect
      .poll(
        () =>
          server.db
            .sql`select 1 from pg_stat_activity where query like '%pg_sleep(120)%' and state = 'active' and pid <> pg_backend_pid()`,
      )
      .toHaveLength(1);
    proxy.freeze();
    proxy.forget();
    await server.db.sql`
      select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep(120)%' and pid <> pg_backend_pid()`;
    expect(await working).toBe("CONNECTION_SILENT");
    expect(await long`select 1 as one`).toEqual([{ one: 1 }]);
  });
});

describe("A COPY", () => {
  test("takes as long as its reader or writer takes", { timeout: TIMEOUT }, async () => {
    const read = await db.sql.begin(async (tx) => {
      const rows = await tx
        .unsafe("copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout")
        .readable();
      let bytes = 0;
      let isFirst = true;
      for await (const row of rows) {
        if (isFirst) await sleep(9_000);
        isFirst = false;
        bytes += row.length;
      }
      return bytes;
    });
    expect(read).toBe(20_000 * 1_001);
    const written = await db.sql.begin(async (tx) => {
      await tx`create temp table things (id int) on commit drop`;
      const stream = await tx.unsafe("copy things from stdin").writable();
      stream.write("1\n");
      await sleep(9_000);
      await new Promise<void>((resolve, reject) =>
        stream.end("2\n", (error?: Error | null) => (error ? reject(error) : resolve())),
      );
      return (await tx`select id from things`).length;
    });
    expect(written).toBe(2);
  });

  test("into a server that stops reading is given up", { timeout: TIMEOUT }, async () => {
    const block = Buffer.from(`${"1\n".repeat(500_000)}`);
    const lost = db.sql.begin(async (tx) => {
      await tx`create temp table things (id int) on commit drop`;
      proxy.freeze();
      for (let times = 0; times < 100; times++) await copyFrom(tx, "copy things from stdin", block);
    });
    expect(await millisecondsOf(lost)).toBeLessThan(ANSWERED_WITHIN_MS);
  });
});

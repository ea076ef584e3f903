import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { type FrozenProxy, startFrozenProxy } from "@/server/testing/frozen-proxy";
import { ANSWER_MS, RECOVERY_MS, startStopwatch } from "@/server/testing/stopwatch";
import { connectDatabase, connectForLongWork, type Database, type Sql } from "./client";
import { copyFrom } from "./copy";

const TIMEOUT = 120_000;

interface Subject {
  /** Bypasses the proxy. */
  readonly server: TestDatabase;
  readonly proxy: FrozenProxy;
  readonly db: Database;
  readonly long: Sql;
}

/** Each test freezes its own proxy, so that tests can wait concurrently. */
async function withProxy(work: (subject: Subject) => Promise<void>): Promise<void> {
  const server = await createTestDatabase({ max: 2 });
  const url = new URL(server.url);
  const proxy = await startFrozenProxy(Number(url.port));
  url.port = String(proxy.port);
  const db = connectDatabase(url.href, { applicationName: "through the proxy", max: 3 });
  const long = connectForLongWork(url.href, "long work through the proxy");
  try {
    await work({ server, proxy, db, long });
  } finally {
    await Promise.all([db.close(), long.end({ timeout: 1 })]);
    await proxy.close();
    await server.drop();
  }
}

const isUnreachable = { code: expect.stringMatching(/^(CONNECTION_SILENT|CONNECT_TIMEOUT|QUEUE_TIMEOUT)$/) };

describe.concurrent("On an unreliable network,", () => {
  test(
    "while PostgreSQL does not respond, every statement times out, including those that wait for a connection",
    { timeout: TIMEOUT },
    () =>
      withProxy(async ({ db, proxy }) => {
        await Promise.all(Array.from({ length: 3 }, () => db.sql`select pg_sleep(0.05)`));
        proxy.freeze();
        const statements = Array.from({ length: 12 }, (_, index) =>
          index % 2 === 0 ? db.sql`select ${index}` : db.sql.begin((tx) => tx`select ${index}`),
        );
        const elapsed = startStopwatch();
        const outcomes = await Promise.all(
          [...statements, db.read.execute("select 1"), db.orm.execute("select 1"), db.intake.access_logs`select 1`].map(
            async (statement) => {
              const error: unknown = await Promise.resolve(statement).catch((thrown: unknown) => thrown);
              return error instanceof Error && error.cause ? error.cause : error;
            },
          ),
        );
        expect(elapsed()).toBeLessThan(ANSWER_MS);
        for (const cause of outcomes) expect(cause).toMatchObject(isUnreachable);
      }),
  );

  test(
    "statements succeed as soon as new connections work, even if old ones remain unresponsive",
    { timeout: TIMEOUT },
    () =>
      withProxy(async ({ db, proxy }) => {
        await Promise.all(Array.from({ length: 3 }, () => db.sql`select pg_sleep(0.05)`));
        proxy.freeze();
        const lost = Promise.allSettled(Array.from({ length: 9 }, () => db.sql`select 1`));
        await sleep(1_000);
        proxy.forget();
        const elapsed = startStopwatch();
        await expect
          .poll(() => db.sql`select 1 as one`.catch(() => []), { timeout: TIMEOUT, interval: 100 })
          .toHaveLength(1);
        expect(elapsed()).toBeLessThan(RECOVERY_MS);
        await lost;
      }),
  );

  test(
    "only the first statement fails on a connection that became unresponsive while it was idle",
    { timeout: TIMEOUT },
    () =>
      withProxy(async ({ db, proxy }) => {
        await Promise.all(Array.from({ length: 3 }, () => db.sql`select pg_sleep(0.05)`));
        await db.intake.access_logs`select 1`;
        proxy.freeze();
        proxy.forget();
        await expect(db.sql`select 1`).rejects.toMatchObject({ code: "CONNECTION_SILENT" });
        for (const pool of [db.sql, db.sql, db.sql, db.intake.access_logs]) {
          expect(await pool`select 1 as one`).toEqual([{ one: 1 }]);
        }
      }),
  );

  test("a long statement continues while PostgreSQL executes it, even without any response", { timeout: TIMEOUT }, () =>
    withProxy(async ({ db }) => {
      expect(await db.sql`select 1 as one from pg_sleep(10)`).toEqual([{ one: 1 }]);
    }),
  );

  test("a long statement fails when its connection becomes unresponsive", { timeout: TIMEOUT }, () =>
    withProxy(async ({ long, proxy, server }) => {
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
    }),
  );

  test("a COPY has no time limit while its reader or writer is active", { timeout: TIMEOUT }, () =>
    withProxy(async ({ db }) => {
      const reading = db.sql.begin(async (tx) => {
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
      const writing = db.sql.begin(async (tx) => {
        await tx`create temp table things (id int) on commit drop`;
        const stream = await tx.unsafe("copy things from stdin").writable();
        stream.write("1\n");
        await sleep(9_000);
        await new Promise<void>((resolve, reject) =>
          stream.end("2\n", (error?: Error | null) => (error ? reject(error) : resolve())),
        );
        return (await tx`select id from things`).length;
      });
      expect(await Promise.all([reading, writing])).toEqual([20_000 * 1_001, 2]);
    }),
  );

  test("a COPY fails when the server stops reading", { timeout: TIMEOUT }, () =>
    withProxy(async ({ db, proxy }) => {
      const block = Buffer.from(`${"1\n".repeat(500_000)}`);
      const lost = db.sql.begin(async (tx) => {
        await tx`create temp table things (id int) on commit drop`;
        proxy.freeze();
        for (let times = 0; times < 100; times++) await copyFrom(tx, "copy things from stdin", block);
      });
      const elapsed = startStopwatch();
      await lost.catch(() => {});
      expect(elapsed()).toBeLessThan(ANSWER_MS);
    }),
  );
});

test("every pool sets lock and idle-in-transaction timeouts and TCP keepalives", async () => {
  const server = await createTestDatabase({ max: 1 });
  const { sql, health, intake, ddl, read, logReads } = server.db;
  const long = connectForLongWork(server.url, "long work");
  for (const pool of [
    sql,
    health,
    long,
    intake.access_logs,
    ddl.user_activities,
    read.$client,
    logReads.access_logs.$client,
  ]) {
    const settings = await pool<{ name: string; setting: number }[]>`
      select name, setting::int from pg_settings
      where name in ('lock_timeout', 'idle_in_transaction_session_timeout', 'tcp_keepalives_idle')`;
    for (const { name, setting } of settings) expect([name, setting > 0]).toEqual([name, true]);
    expect(settings).toHaveLength(3);
  }
  await long.end();
  await server.drop();
});

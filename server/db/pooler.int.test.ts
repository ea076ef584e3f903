import path from "node:path";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { describeError } from "@/server/process/run-main";
import { runExport } from "@/server/services/exports";
import { listLogs, logReader } from "@/server/services/logs";
import { collectReadings } from "@/server/services/metrics";
import { runCleanup, runRestore } from "@/server/services/retention";
import { flushValuesIndexes, refreshStatistics } from "@/server/services/tables";
import { cleanupParams, fillAccessLogs, jobRun, tableRows } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { drain, takeIn } from "@/server/testing/intake";
import { EXPORT } from "@/server/testing/jobs";
import { startPgBouncer, type TestPgBouncer } from "@/server/testing/pgbouncer";
import { expectRunning, whileSlow } from "@/server/testing/slow-table";
import { startStopwatch } from "@/server/testing/stopwatch";
import { connectDatabase, type Database } from "./client";
import { requireEffectiveSettings } from "./effective-settings";
import { requireSameDatabase } from "./pooler";
import { executePrepared } from "./prepared";

/** A server that all clients share at times, so that anything left in its session would be seen by the next one. */
const SERVERS = 2;

let pgbouncer: TestPgBouncer;
let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  pgbouncer = await startPgBouncer(Number(new URL(inject("postgresUrl")).port), { default_pool_size: SERVERS });
  opened = await createTestContext({ poolerPort: pgbouncer.port });
  ctx = opened.context;
});
afterAll(async () => {
  await opened?.close();
  await pgbouncer?.stop();
});

const databaseName = () => new URL(ctx.db.url).pathname.slice(1);

/** Returns what a process prints if it cannot start, or null. */
async function refusal(env: Record<string, string>): Promise<string | null> {
  const log = pino({ level: "silent" });
  const config = loadConfig({ DATA_DIR: path.join(ctx.config.dataDir, "other"), LOG_LEVEL: "silent", ...env });
  return await openContext("web", { config, log }).then(
    async ({ close }) => {
      await close();
      return null;
    },
    (error: unknown) => describeError(error),
  );
}

async function withDatabase(options: { statementTimeout: number }, work: (db: Database) => Promise<void>) {
  const db = connectDatabase(ctx.db.url, {
    applicationName: "limited",
    poolerUrl: pgbouncer.url(databaseName()),
    ...options,
  });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

describe("Through PgBouncer in transaction mode", () => {
  test("every time limit and the read-only guard apply to statements and transactions", async () => {
    await requireEffectiveSettings(ctx.db);
    const change = "update queue_states set paused = true";
    for (const { $client } of [ctx.db.read, ctx.db.logReads.access_logs]) {
      await expect($client.unsafe(change)).rejects.toMatchObject({ code: "25006" });
      await expect($client`delete from jobs where attempt > ${1}`).rejects.toMatchObject({ code: "25006" });
      await expect($client.begin((tx) => tx.unsafe(change))).rejects.toMatchObject({ code: "25006" });
    }
    await withDatabase({ statementTimeout: 100 }, async ({ orm }) => {
      await expect(orm.execute("select pg_sleep(20)")).rejects.toMatchObject({ cause: { code: "57014" } });
      await expect(orm.transaction((tx) => tx.execute("select pg_sleep(20)"))).rejects.toMatchObject({
        cause: { code: "57014" },
      });
    });
  });

  test("no setting reaches a statement of another pool on the same connection of PostgreSQL", async () => {
    const pids = async () =>
      await Promise.all(
        [ctx.db.read.$client, ctx.db.sql].map(async (sql) => {
          const rows = await sql<{ pid: number; limit: string; read_only: string }[]>`
            select
              pg_backend_pid() as pid,
              current_setting('statement_timeout') as limit,
              current_setting('transaction_read_only') as read_only`;
          return rows[0];
        }),
      );
    const seen = await Promise.all(Array.from({ length: 10 }, pids));
    expect(new Set(seen.flat().map((row) => row?.pid)).size).toBeLessThanOrEqual(SERVERS);
    for (const [read, general] of seen) {
      expect(read).toMatchObject({ limit: "10s", read_only: "on" });
      expect(general).toMatchObject({ limit: "0", read_only: "off" });
    }
  });

  test("a search_path in the URL applies to statements and transactions", async () => {
    await ctx.db.sql`create schema if not exists "Other"`;
    const db = connectDatabase(ctx.db.url, {
      applicationName: "other",
      poolerUrl: `${pgbouncer.url(databaseName())}?search_path=${encodeURIComponent('"Other", pg_catalog')}`,
    });
    const current = [{ schema: "Other" }];
    expect(await db.sql`select current_schema() as schema`).toEqual(current);
    expect(await db.sql.begin((tx) => tx`select current_schema() as schema`)).toEqual(current);
    await db.close();
  });

  test("a failed statement reports its own error, and the connection remains usable", async () => {
    const { sql } = ctx.db;
    await expect(sql.unsafe("select nothing")).rejects.toMatchObject({ code: "42703" });
    await expect(sql`select 1 / ${0}::int as quotient`).rejects.toMatchObject({ code: "22012" });
    await expect(sql.begin((tx) => tx`select nothing`)).rejects.toMatchObject({ code: "42703" });
    expect(await sql`select ${1}::int as one`).toEqual([{ one: 1 }]);
    const rows: unknown[] = [];
    for await (const some of sql`select generate_series(1, 5) as n`.cursor(2)) rows.push(...some);
    expect(rows).toHaveLength(5);
  });

  test("a repeated read is prepared on every connection of PostgreSQL, and gets its parameters exactly", async () => {
    const values = ["plain", "it's", "back\\slash'", "E'\\'", "中文 🚀", "", null, "a\nb; select 1"];
    const echo = (value: string | null) => executePrepared(ctx.db, sql`select ${value}::text as value, ${7}::int as n`);
    for (const value of values) expect(await echo(value)).toEqual([{ value, n: 7 }]);
    const same = await Promise.all(Array.from({ length: 20 }, (_, index) => echo(`${index}`)));
    expect(same.map(([row]) => row?.value)).toEqual(same.map((_, index) => `${index}`));
    await expect(echo("\0")).rejects.toMatchObject({ code: "22021" });
    const known = await ctx.db.sql`select name from pg_prepared_statements where statement like '%::text as value%'`;
    expect(known).toHaveLength(1);
    await ctx.db.sql`create table changing (n int)`;
    await ctx.db.sql`insert into changing values (1)`;
    const read = () => executePrepared(ctx.db, sql`select * from changing`);
    for (let count = 0; count < 3; count++) expect(await read()).toEqual([{ n: 1 }]);
    await ctx.db.sql`alter table changing alter n type text`;
    for (let count = 0; count < 3; count++) expect(await read()).toEqual([{ n: "1" }]);
  });

  test("events are stored, directly and through the queue, and appear on a page", async () => {
    const lines = Array.from({ length: 300 }, (_, index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      created_at: "2026-06-01T00:00:00Z",
      ip_address: "203.0.113.7",
      request_path: `/orders/${index}`,
    }));
    const ndjson = lines.map((line) => JSON.stringify(line)).join("\n");
    expect(await takeIn(ctx, "access_logs", ndjson)).toMatchObject({ inserted: 300 });
    expect(await takeIn(ctx, "access_logs", ndjson)).toMatchObject({ inserted: 0, duplicates: 300 });
    await ctx.queue.push("access_logs", [JSON.stringify({ ...lines[0], id: undefined, request_path: "/queued" })]);
    await drain(ctx, "access_logs");
    const page = await listLogs(ctx, "access_logs", { filters: { request_path: "/queued" } });
    expect(page.items).toHaveLength(1);
    const newest = await listLogs(ctx, "access_logs", { page_size: 50 });
    const next = await listLogs(ctx, "access_logs", { page_size: 50, cursor: newest.next_cursor ?? undefined });
    expect(new Set([...newest.items, ...next.items].map(({ id }) => id)).size).toBe(100);
  });

  test("rows are exported, archived, deleted and restored, and metrics are collected", async () => {
    await ctx.db.sql`delete from access_logs`;
    await fillAccessLogs(ctx, ["2026-01", "2026-02"], 60);
    const before = await tableRows(ctx, "access_logs");
    const exported = await runExport(ctx, jobRun({ ...EXPORT, filters: {}, compress: "none", bom: false } as const));
    expect(exported).toMatchObject({ row_count: before.size });
    expect(await runCleanup(ctx, jobRun(cleanupParams()))).toMatchObject({ deleted_count: before.size });
    const archives = await ctx.db.sql<{ id: string }[]>`select id from archives`;
    for (const { id } of archives) await runRestore(ctx, jobRun({ archive_id: id }));
    expect(await tableRows(ctx, "access_logs")).toEqual(before);
    const elapsed = startStopwatch();
    await collectReadings(ctx, true);
    await refreshStatistics(ctx);
    await flushValuesIndexes(ctx);
    expect(elapsed()).toBeLessThan(10_000);
  });

  test("a statement fails within seconds while PgBouncer does not respond", async () => {
    await withDatabase({ statementTimeout: 0 }, async ({ sql }) => {
      await sql`select`;
      pgbouncer.signal("SIGSTOP");
      try {
        await expect(sql`select`).rejects.toMatchObject({ code: "CONNECTION_SILENT" });
      } finally {
        pgbouncer.signal("SIGCONT");
      }
    });
  });
});

describe("A process starts only with a pooler that it can use:", () => {
  const direct = () => ctx.db.url;
  const pooled = (more = "") => `${pgbouncer.url(databaseName())}${more}`;
  beforeAll(async () => void (await ctx.db.sql`create schema logs`));

  test("with both URLs it starts", async () => {
    expect(await refusal({ DATABASE_URL: pooled(), DATABASE_DIRECT_URL: direct() })).toBeNull();
    expect(await refusal({ DATABASE_URL: direct(), DATABASE_DIRECT_URL: direct() })).toBeNull();
  });

  test("with the same schema in both URLs, in whichever form, it starts", async () => {
    const names = (more: string) => requireSameDatabase(pooled("?search_path=logs"), `${direct()}${more}`);
    await names("?search_path=logs");
    await names("?options=-csearch_path%3Dlogs,public");
  });

  test.each([
    ["a pooler without PostgreSQL's own URL", () => ({ DATABASE_URL: pooled() }), /Set DATABASE_DIRECT_URL/],
    [
      "a pooler in both URLs",
      () => ({ DATABASE_URL: pooled(), DATABASE_DIRECT_URL: pooled() }),
      /DATABASE_DIRECT_URL is that of a connection pooler/,
    ],
    [
      "URLs of two databases",
      () => ({ DATABASE_URL: pgbouncer.url("postgres"), DATABASE_DIRECT_URL: direct() }),
      /different databases/,
    ],
    [
      "a schema that only the pooler's URL names, so that pages would not show what migrations and exports use",
      () => ({ DATABASE_URL: pooled("?search_path=logs"), DATABASE_DIRECT_URL: direct() }),
      /different schemas, logs and public\. Set the same search_path in both\.$/,
    ],
    [
      "a schema that only PostgreSQL's own URL names",
      () => ({ DATABASE_URL: pooled(), DATABASE_DIRECT_URL: `${direct()}?options=-csearch_path%3Dlogs` }),
      /different schemas, public and logs/,
    ],
    [
      "a schema that does not exist",
      () => ({ DATABASE_URL: pooled("?search_path=missing"), DATABASE_DIRECT_URL: direct() }),
      /different schemas, \(none\) and public/,
    ],
    [
      "URLs of two roles",
      () => ({ DATABASE_URL: pooled(), DATABASE_DIRECT_URL: `${direct()}?role=pg_monitor` }),
      /different roles, \w+ and pg_monitor/,
    ],
    [
      "a time limit that the URL removes",
      () => ({ DATABASE_URL: `${direct()}?lock_timeout=0` }),
      /lock_timeout = 0 instead of 3000/,
    ],
    [
      "a time limit that the pooler's URL removes",
      () => ({ DATABASE_URL: pooled("?options=-c%20statement_timeout%3D0"), DATABASE_DIRECT_URL: direct() }),
      /statement_timeout = 0 instead of 30000/,
    ],
  ])("it refuses %s", async (_, env, line) => {
    const message = await refusal(env());
    expect(message).toMatch(line);
    expect(message).not.toMatch(/\n|:test@/);
  });

  test("it refuses a pooler in session mode with fewer connections than its pools", async () => {
    const inSessions = await startPgBouncer(Number(new URL(inject("postgresUrl")).port), {
      pool_mode: "session",
      default_pool_size: 5,
    });
    try {
      const message = await refusal({
        DATABASE_URL: inSessions.url(databaseName()),
        DATABASE_DIRECT_URL: direct(),
      });
      expect(message).toMatch(/serves only \d+ of the \d+ connections of this process\. Set pool_mode to transaction/);
    } finally {
      await inSessions.stop();
    }
  });

  test("statements of readers who have left are cancelled, and no others", { timeout: 60_000 }, async () => {
    await fillAccessLogs(ctx, ["2026-01"], 1_000);
    await whileSlow(ctx, async () => {
      const leaves = new AbortController();
      const reader = logReader(ctx, { kind: "user", id: "u", name: "u", role: "admin" }, leaves.signal);
      const answered = expect(
        reader.count("access_logs", { filters: { filter: "nowhere" }, mode: "exact" }),
      ).rejects.toMatchObject({ code: "request.aborted" });
      await expectRunning(ctx, (running) => running > 0);
      leaves.abort();
      await answered;
      await expectRunning(ctx, (running) => running === 0);
    });
    const others = Array.from({ length: 10 }, (_, at) => ctx.db.logReads.access_logs.$client`select ${at}::int as at`);
    expect((await Promise.all(others)).map(([row]) => row?.at)).toEqual(others.map((_, at) => at));
  });
});

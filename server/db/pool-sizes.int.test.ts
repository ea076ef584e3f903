import path from "node:path";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { openContext } from "@/server/process/open-context";
import { describeError } from "@/server/process/run-main";
import { createPostgresQueue } from "@/server/queue/postgres";
import { setUpContext } from "@/server/testing/context";
import { drain, takeIn } from "@/server/testing/intake";
import { connectDatabase } from "./client";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const SMALL = { DATABASE_POOL_SIZE: "1", DATABASE_READ_POOL_SIZE: "1", DATABASE_INTAKE_POOL_SIZE: "1" };

/** Starts a web process's context. @returns its log and the error that prevented the start */
async function start(env: Record<string, string>): Promise<{ warnings: string[]; refusal: string | null }> {
  const warnings: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => warnings.push(JSON.parse(line).msg) });
  const dataDir = path.join(ctx.config.dataDir, "other");
  const config = loadConfig({ DATABASE_URL: ctx.db.url, DATA_DIR: dataDir, ...env });
  try {
    const { close } = await openContext("web", { config, log });
    await close();
    return { warnings, refusal: null };
  } catch (error) {
    return { warnings, refusal: describeError(error) };
  }
}

const limitConnections = (limit: number) =>
  ctx.db.sql.unsafe(`alter database "${new URL(ctx.db.url).pathname.slice(1)}" connection limit ${limit}`);

describe("At its start, a process compares the connections of its pools with those that PostgreSQL accepts:", () => {
  test("it does not start if it alone may open more", async () => {
    await limitConnections(20);
    const { refusal } = await start({});
    expect(refusal).toMatch(
      /^This process opens up to 28 connections, but PostgreSQL accepts 20 of its user\. Lower DATABASE_POOL_SIZE/,
    );
    expect(await start(SMALL)).toEqual({ warnings: [], refusal: null });
    await limitConnections(-1);
  });

  test("it warns if all running processes together may open more", async () => {
    expect(await start({})).toEqual({ warnings: [], refusal: null });
    await ctx.db.sql`
      insert into process_clocks (process, difference_ms, read_at)
      select 'host (' || n || ')', 0, now() from generate_series(1, 20) n`;
    const { warnings, refusal } = await start({});
    expect(refusal).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/the 20 others that are running open up to \d+ connections/)]);
    await ctx.db.sql`delete from process_clocks`;
  });
});

test("With one connection in each pool, concurrent batches that need new partitions are stored, and a bad event is isolated", async () => {
  const db = connectDatabase(ctx.db.url, { applicationName: "small", max: 1 });
  const small = { ...ctx, db, queue: createPostgresQueue({ db }) };
  const event = (month: number, request_path: string) =>
    JSON.stringify({
      created_at: `2031-${String(month).padStart(2, "0")}-01T00:00:00Z`,
      ip_address: "203.0.113.7",
      request_path,
    });
  const months = Array.from({ length: 8 }, (_, index) => index + 1);
  const stored = await Promise.all(months.map((month) => takeIn(small, "access_logs", event(month, "/new-month"))));
  expect(stored.map(({ inserted }) => inserted)).toEqual(months.map(() => 1));
  await db.sql.unsafe(`
    create function end_session() returns trigger language plpgsql as $$
      begin
        if new.request_path = '/bad' then perform pg_terminate_backend(pg_backend_pid()); end if;
        return new;
      end $$;
    create trigger end_session before insert on access_logs for each row execute function end_session()`);
  await small.queue.push("access_logs", [event(9, "/good"), event(9, "/bad"), event(9, "/good-2")]);
  for (let attempt = 1; attempt <= 6; attempt++) await drain(small, "access_logs").catch(() => {});
  const paths = await db.sql`select request_path from access_logs where created_at >= '2031-09-01' order by 1`;
  expect([...paths].map(({ request_path }) => request_path)).toEqual(["/good", "/good-2"]);
  await db.close();
});

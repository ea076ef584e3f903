import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { type OpenContext, openContext } from "@/server/process/open-context";
import { listLogs } from "@/server/services/logs";
import { collectReadings } from "@/server/services/metrics";
import { runCleanup, runRestore } from "@/server/services/retention";
import { refreshStatistics, tableStats } from "@/server/services/tables";
import { cleanupParams, fillAccessLogs, jobRun, tableRows } from "@/server/testing/cleanup";
import { takeIn } from "@/server/testing/intake";

/** A role that is not a superuser, may not create roles, and owns a schema in another's database. */
const role = `owner_${randomBytes(4).toString("hex")}`;
const schema = "Console-1";
const log = pino({ level: "silent" });

let maintenance: postgres.Sql;
let folder: string;
let opened: OpenContext;
let ctx: Context;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-schema-"));
  maintenance = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  await maintenance.unsafe(`create role ${role} login password 'test'`);
  await maintenance.unsafe(`create database ${role}`);
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${role}`;
  const owner = postgres(url.href, { max: 1, onnotice: () => {} });
  await owner.unsafe(`create schema "${schema}" authorization ${role}; revoke all on schema public from public`);
  await owner.end();
  Object.assign(url, { username: role, password: "test", search: `?search_path="${schema}"` });
  const config = loadConfig({ DATABASE_URL: url.href, DATA_DIR: folder, LOG_LEVEL: "silent" });
  opened = await openContext("worker", { config, log });
  ctx = opened.context;
});
afterAll(async () => {
  await opened?.close();
  await maintenance.unsafe(`drop database if exists ${role} with (force)`);
  await maintenance.unsafe(`drop role if exists ${role}`);
  await maintenance.end();
  await rm(folder, { recursive: true, force: true });
});

test("A role that owns only its schema can install and use the product, without a table in any other schema", async () => {
  const event = { ip_address: "203.0.113.7", request_path: "/orders", created_at: "2026-06-01T00:00:00Z" };
  expect(await takeIn(ctx, "access_logs", JSON.stringify(event))).toMatchObject({ inserted: 1 });
  expect((await listLogs(ctx, "access_logs", {})).items).toHaveLength(1);
  await ctx.db.sql`delete from access_logs`;
  await fillAccessLogs(ctx, ["2026-01"], 50);
  const before = await tableRows(ctx, "access_logs");
  expect(await runCleanup(ctx, jobRun(cleanupParams()))).toMatchObject({ deleted_count: 50 });
  const [archive] = await ctx.db.sql<{ id: string }[]>`select id from archives`;
  await runRestore(ctx, jobRun({ archive_id: archive?.id ?? "" }));
  expect(await tableRows(ctx, "access_logs")).toEqual(before);
  await collectReadings(ctx, true);
  await refreshStatistics(ctx);
  expect(await tableStats(ctx, "access_logs")).toMatchObject({ table_name: "access_logs" });
  const schemas = await ctx.db.sql`
    select distinct nspname as name
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`;
  expect(schemas).toEqual([{ name: schema }]);
});

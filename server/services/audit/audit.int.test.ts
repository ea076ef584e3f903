import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { migrateDatabase } from "@/server/db/migrate";
import { AppError } from "@/server/lib/errors";
import { checkHealth, isReady } from "@/server/services/health";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { recordAudit } from "./record-audit";
import { recordRefusal } from "./record-refusal";

let test: TestContext;
beforeAll(async () => {
  test = await createTestContext();
  const from = { address: "203.0.113.7", userAgent: "Mozilla/5.0" };
  const actor = { kind: "user", id: "1", name: "anna@example.com", from } as const;
  await recordAudit(test.context, actor, "queue.change", { queue: "access_logs" });
});
afterAll(() => test.close());

const CHANGES = [
  "update audit_log set actor_name = 'nobody'",
  "delete from audit_log",
  "truncate audit_log",
  // Unknown to PostgreSQL 14.
  "merge into audit_log using (select 1) as x on true when matched then delete",
];

describe("the audit log", () => {
  it("records who did what, from where and with what result", async () => {
    const [row] = await test.context.db.sql`
      select actor_kind, actor_name, action, result, details, host(ip_address) as address, user_agent from audit_log`;
    expect(row).toEqual({
      actor_kind: "user",
      actor_name: "anna@example.com",
      action: "queue.change",
      result: "ok",
      details: { queue: "access_logs" },
      address: "203.0.113.7",
      user_agent: "Mozilla/5.0",
    });
  });

  it.each(CHANGES)("accepts no change over the application's connection: %s", async (statement) => {
    await expect(test.context.db.sql.unsafe(statement)).rejects.toThrow(/takes no change|at or near "merge"/);
    expect(await test.context.db.sql`select 1 from audit_log`).toHaveLength(1);
  });

  it("is reported by health while its trigger is disabled", async () => {
    const { sql } = test.context.db;
    const database = async () => (await checkHealth(test.context)).parts.database;
    expect(await database()).toMatchObject({ state: "ok" });
    await sql`alter table audit_log disable trigger audit_log_append_only`;
    expect(await database()).toMatchObject({ state: "degraded", advice: { code: "health.audit_unprotected" } });
    // Requests are served nevertheless.
    expect(await isReady(test.context)).toBe(true);
    await sql`alter table audit_log enable always trigger audit_log_append_only`;
    expect(await database()).toMatchObject({ state: "ok" });
  });

  it("accepts no change from a session in replica mode", async () => {
    const change = test.context.db.sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from audit_log`;
    });
    await expect(change).rejects.toThrow(/takes no change|at or near "merge"/);
  });
});

describe("a denied or failed request", () => {
  const principal = { kind: "api_key", id: "7", name: "shipper", role: "operator" } as const;
  const recorded = async (input: unknown, error: unknown) => {
    const { sql } = test.context.db;
    const before = (await sql<{ id: string }[]>`select id from audit_log`).map(({ id }) => id);
    await recordRefusal(test.context, principal, "user.create", input, error);
    return [...(await sql`select actor_name, result, details from audit_log where id <> all(${before}::uuid[])`)];
  };

  it("is recorded with its input and the reason, without secrets", async () => {
    const input = {
      email: "b@example.com",
      password: "hunter2 secret",
      change: { current: "old secret", next: "new secret" },
      webhooks: [{ name: "Team", url: "https://hooks.example/secret", secret: "secret", token: "secret" }],
      payload: '{"ip_address":"secret"}',
    };
    const [row] = await recorded(input, new AppError("account.last_admin", {}));
    expect(row).toEqual({
      actor_name: "shipper",
      result: "refused",
      details: {
        email: "b@example.com",
        password: "***",
        change: { current: "***", next: "***" },
        webhooks: [{ name: "Team", url: "***", secret: "***", token: "***" }],
        payload: "***",
        reason: { code: "account.last_admin", params: {} },
      },
    });
  });

  it("is recorded as failed when the fault is internal, with no more detail than the caller receives", async () => {
    const [row] = await recorded({ name: "a\u0000b\ud800" }, new Error("password=secret at /srv/app.ts"));
    expect(row).toMatchObject({ result: "failed", details: { name: "a\ufffdb\ufffd" } });
    expect(JSON.stringify(row)).not.toMatch(/secret|srv/);
  });

  it("is recorded by length only when the input is long", async () => {
    const [row] = await recorded({ name: "x".repeat(3_000) }, new AppError("export.not_owner", {}));
    expect(row).toMatchObject({
      details: { input_characters: 3011, reason: { code: "export.not_owner" } },
    });
  });

  it.each(["UNAUTHORIZED", "BAD_REQUEST", "TOO_LARGE", "TOO_MANY_REQUESTS"] as const)(
    "adds no row when it is empty or rate-limited: %s",
    async (kind) => {
      expect(await recorded({}, new AppError("request.invalid", {}, { kind }))).toEqual([]);
    },
  );
});

describe("denied requests of one principal", () => {
  it("are recorded twenty times a minute, the last time with a note, without affecting other principals", async () => {
    let now = new Date("2026-03-01T12:00:00Z");
    const ctx = { ...test.context, now: () => now };
    const by = (id: string) => ({ kind: "api_key", id, name: id, role: "viewer" }) as const;
    const refuse = (id: string) => recordRefusal(ctx, by(id), "export.start", {}, new AppError("export.not_owner", {}));
    const rowsOf = (id: string) =>
      test.context.db.sql`
        select details from audit_log where actor_id = ${id} and action = 'export.start' order by created_at`;
    for (let time = 0; time < 50; time++) await refuse("loud");
    await refuse("quiet");
    expect(await rowsOf("quiet")).toHaveLength(1);
    const rows = await rowsOf("loud");
    expect(rows).toHaveLength(20);
    expect(rows.filter(({ details }) => "further_refusals" in details)).toEqual([rows.at(-1)]);
    now = new Date("2026-03-01T12:01:00Z");
    await refuse("loud");
    expect(await rowsOf("loud")).toHaveLength(21);
  });
});

describe("in a database whose role is not a superuser", () => {
  const role = `app_${randomBytes(4).toString("hex")}`;
  let maintenance: postgres.Sql;
  let sql: postgres.Sql;

  beforeAll(async () => {
    maintenance = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
    await maintenance.unsafe(`create role ${role} login createrole password 'test'`);
    await maintenance.unsafe(`create database ${role} owner ${role}`);
    const url = new URL(inject("postgresUrl"));
    Object.assign(url, { username: role, password: "test", pathname: `/${role}` });
    await migrateDatabase(url.href);
    sql = postgres(url.href, { max: 1, onnotice: () => {} });
  });
  afterAll(async () => {
    await sql.end();
    await maintenance.unsafe(`drop database ${role} with (force)`);
    await maintenance.end();
  });

  it("rows can be added and read, but not changed", async () => {
    await sql`
      insert into audit_log (actor_kind, actor_id, actor_name, action, details)
      values ('system', 'system', 'system', 'export.expire', '{}')`;
    expect(await sql`select result from audit_log`).toEqual([{ result: "ok" }]);
    for (const statement of CHANGES)
      await expect(sql.unsafe(statement)).rejects.toThrow(/permission denied|at or near "merge"/);
  });

  it.each([
    "alter table audit_log disable trigger audit_log_append_only",
    "drop trigger audit_log_append_only on audit_log",
    "create or replace function audit_log_is_append_only() returns trigger language plpgsql as 'begin return null; end'",
  ])("the guard cannot be removed: %s", async (statement) => {
    await expect(sql.unsafe(statement)).rejects.toThrow(/must be owner/);
  });
});

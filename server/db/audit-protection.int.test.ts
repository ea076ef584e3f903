import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import { isAuditProtected } from "./audit-protection";
import { migrateDatabase } from "./migrate";

/** The application's role, and its database. */
const role = `app_${randomBytes(4).toString("hex")}`;
let maintenance: postgres.Sql;
/** The superuser and the application's role, both in the application's database. */
let superuser: postgres.Sql;
let app: postgres.Sql;
let url: string;

beforeAll(async () => {
  maintenance = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  await maintenance.unsafe(`create role ${role} login createrole password 'test'`);
  await maintenance.unsafe(`create database ${role} owner ${role}`);
  const address = new URL(inject("postgresUrl"));
  address.pathname = `/${role}`;
  superuser = postgres(address.href, { max: 1, onnotice: () => {} });
  Object.assign(address, { username: role, password: "test" });
  url = address.href;
  app = postgres(url, { max: 1, onnotice: () => {} });
  await migrateDatabase(url);
  await app`
    insert into audit_log (actor_kind, actor_id, actor_name, action, details)
    values ('system', 'system', 'system', 'export.expire', '{}')`;
});
afterAll(async () => {
  await Promise.all([app.end(), superuser.end()]);
  await maintenance.unsafe(`drop database ${role} with (force)`);
  await maintenance.end();
});

/** What a restored dump or an administrator can change. */
const LOSSES: readonly (readonly [name: string, statements: string])[] = [
  [
    "a dump that is restored with --no-owner",
    `alter table audit_log owner to ${role}; alter function audit_log_is_append_only owner to ${role}`,
  ],
  [
    "a dump that is restored with --no-owner and --no-privileges",
    `revoke all on audit_log from ${role}; alter table audit_log owner to ${role};
     alter function audit_log_is_append_only owner to ${role}`,
  ],
  ["a function that belongs to the application", `alter function audit_log_is_append_only owner to ${role}`],
];

/** What an application that became the owner can change. */
const OWN: string = `alter table audit_log owner to ${role}; alter function audit_log_is_append_only owner to ${role};`;
const GUARD_LOSSES: readonly (readonly [name: string, statements: string])[] = [
  ["a trigger that was dropped", `${OWN} drop trigger audit_log_append_only on audit_log`],
  ["a trigger that is disabled", `${OWN} alter table audit_log disable trigger audit_log_append_only`],
  ["a trigger that replicas skip", `${OWN} alter table audit_log enable trigger audit_log_append_only`],
  [
    "a trigger that permits deletions",
    `${OWN} drop trigger audit_log_append_only on audit_log;
     create trigger audit_log_append_only before update or truncate on audit_log
       for each statement execute function audit_log_is_append_only();
     alter table audit_log enable always trigger audit_log_append_only`,
  ],
  [
    "a function that permits everything",
    `${OWN} create or replace function audit_log_is_append_only() returns trigger language plpgsql
       as 'begin return null; end'`,
  ],
];

/** What an owner other than the application's role can change. */
const FOREIGN_LOSSES: readonly (readonly [name: string, statements: string])[] = [
  ["a trigger that the table's owner disabled", "alter table audit_log disable trigger audit_log_append_only"],
  ["a privilege to delete", `grant delete on audit_log to ${role}`],
  ["a privilege to change a column", `grant update (details) on audit_log to public`],
  ["a privilege to add triggers", `grant trigger on audit_log to ${role}`],
  ["a privilege to add rows that is missing", `revoke insert on audit_log from ${role}`],
];

const CHANGES = [
  "update audit_log set actor_name = 'nobody'",
  "delete from audit_log",
  "truncate audit_log",
  "alter table audit_log disable trigger audit_log_append_only",
  "drop trigger audit_log_append_only on audit_log",
  "create or replace function audit_log_is_append_only() returns trigger language plpgsql as 'begin return null; end'",
];

async function expectProtected() {
  expect(await isAuditProtected(app)).toBe(true);
  for (const change of CHANGES) await expect(app.unsafe(change)).rejects.toThrow(/permission denied|must be owner/);
  await app`
    insert into audit_log (actor_kind, actor_id, actor_name, action, details)
    values ('system', 'system', 'system', 'export.expire', '{}')`;
  await expect(superuser`delete from audit_log`).rejects.toThrow(/takes no change/);
}

test("a new database is protected", expectProtected);

describe("The next start repairs", () => {
  it.each([...LOSSES, ...GUARD_LOSSES, ...FOREIGN_LOSSES])("%s", async (_name, statements) => {
    await superuser.unsafe(statements);
    await migrateDatabase(url);
    await expectProtected();
  });
});

describe("In a database whose role may not create roles", () => {
  const poor = `poor_${randomBytes(4).toString("hex")}`;
  let sql: postgres.Sql;
  let poorUrl: string;

  beforeAll(async () => {
    await maintenance.unsafe(`create role ${poor} login password 'test'`);
    await maintenance.unsafe(`create database ${poor} owner ${poor}`);
    const address = new URL(url);
    Object.assign(address, { username: poor, pathname: `/${poor}` });
    poorUrl = address.href;
    sql = postgres(poorUrl, { max: 1, onnotice: () => {} });
    await migrateDatabase(poorUrl);
  });
  afterAll(async () => {
    await sql.end();
    await maintenance.unsafe(`drop database ${poor} with (force)`);
  });

  it("the start restores the trigger, and the role remains the owner", async () => {
    await sql`alter table audit_log disable trigger audit_log_append_only`;
    expect(await isAuditProtected(sql)).toBe(false);
    await migrateDatabase(poorUrl);
    expect(await isAuditProtected(sql)).toBe(true);
    await expect(sql`delete from audit_log`).rejects.toThrow(/takes no change/);
  });

  it("a restored dump of a database with a separate owner does not start, until the owner is restored", async () => {
    await sql`insert into monitoring_state (name, value) values ('audit_owner', 'separate')`;
    await sql`alter table audit_log disable trigger audit_log_append_only`;
    await expect(migrateDatabase(poorUrl)).rejects.toThrow(
      /^the user poor_\w+ became the owner of the table audit_log [^\n]+ docs\/backup\.md\.$/,
    );
    await expect(sql`delete from audit_log`).rejects.toThrow(/takes no change/);
    await maintenance.unsafe(`alter role ${poor} createrole`);
    await migrateDatabase(poorUrl);
    await maintenance.unsafe(`alter role ${poor} nocreaterole`);
    await migrateDatabase(poorUrl);
    expect(await isAuditProtected(sql)).toBe(true);
    await expect(sql`delete from audit_log`).rejects.toThrow(/permission denied/);
  });
});

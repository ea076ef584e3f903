import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { verifyPassword } from "better-auth/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";

let database: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-cli-"));
});

afterAll(async () => {
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** @param start the shell commands that start the program */
function cli(args: string[], env: Record<string, string> = {}, input = "", start = 'exec "$@"') {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      "sh",
      ["-c", start, "sh", process.execPath, "server/process/run.mjs", "cli", ...args],
      { env: { ...process.env, NODE_ENV: "production", ...database.env, DATA_DIR: dataDir, ...env } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

test("migrate creates the tables of an empty database; again, and in a newer schema, it changes nothing", async () => {
  const bare = await createTestDatabase({ bare: true });
  const tables = ({ db: { sql } }: TestDatabase) =>
    sql`select relname, relkind from pg_class where relnamespace = 'public'::regnamespace order by 1`;
  const expected = [...(await tables(database))];
  for (let run = 0; run < 2; run++) {
    const answer = await cli(["migrate"], bare.env);
    expect(answer).toEqual({ code: 0, stdout: "", stderr: "The database schema is up to date.\n" });
    expect([...(await tables(bare))]).toEqual(expected);
  }
  await bare.db.sql`update schema_info set schema = 999, version = '9.1.0'`;
  const newer = await cli(["migrate"], bare.env);
  expect(newer).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/schema 999 of version 9\.1\.0, .*Nothing was migrated/),
  });
  await bare.db.sql`update schema_info set min_schema = 999, min_version = '9.0.0'`;
  const tooOld = await cli(["migrate"], bare.env);
  expect(tooOld).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^[^\n]*Start version 9\.0\.0 or newer\.\n$/),
  });
  await bare.drop();
});

test("a backup that does not fit on the disk fails with one line, and leaves no file", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "batch-console-full-"));
  const file = path.join(folder, "console.tar");
  // A limit of 1 KB per file stands in for the full disk.
  const toFile = await cli(["backup", file], {}, "", 'ulimit -f 2; exec "$@"');
  expect(toFile).toEqual({ code: 1, stdout: "", stderr: `${file} cannot be written: the disk is full.\n` });
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
  const toOutput = await cli(["backup", "-"], {}, "", 'exec "$@" > /dev/full');
  const stderr = "The standard output cannot be written: the disk is full.\n";
  expect(toOutput).toEqual({ code: 1, stdout: "", stderr });
});

test("api-key create prints only the key", async () => {
  const { code, stdout, stderr } = await cli(["api-key", "create", "--name", "producer", "--role", "operator"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^\S{20,}\n$/);
});

const createUser = (email: string, role: string) =>
  cli(["user", "create", "--email", email, "--role", role], {}, "long enough to be one\n");

test("user create creates a user; for an existing user it fails with one line", async () => {
  expect(await createUser("a@example.com", "viewer")).toMatchObject({ code: 0, stdout: "a@example.com\n" });
  const again = await createUser("a@example.com", "viewer");
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/^[^\n]*a@example\.com[^\n]*\n$/);
});

test("user create reads the password from standard input, and warns if it is an argument", async () => {
  const create = (email: string, ...more: string[]) => [
    "user",
    "create",
    "--email",
    email,
    "--role",
    "viewer",
    ...more,
  ];
  const password = "from standard input";
  const quiet = await cli(create("stdin@example.com", "--password-stdin"), {}, `${password}\n`);
  expect(quiet).toEqual({ code: 0, stdout: "stdin@example.com\n", stderr: "" });
  const visible = await cli(create("argument@example.com", "--password", password));
  expect(visible).toMatchObject({ code: 0, stdout: "argument@example.com\n" });
  expect(visible.stderr).toMatch(/^[^\n]*standard input[^\n]*\n$/);
  const hashes = await database.db.sql<{ password: string }[]>`
    select password from account join "user" u on u.id = user_id where email in ('stdin@example.com', 'argument@example.com')`;
  for (const { password: hash } of hashes) expect(await verifyPassword({ hash, password })).toBe(true);
  expect(hashes).toHaveLength(2);
  const none = await cli(create("none@example.com"));
  expect(none).toMatchObject({ code: 1, stdout: "", stderr: "Standard input contains no password.\n" });
});

test("user list, disable, enable and reset-password work; the last administrator cannot be disabled", async () => {
  const email = "boss@example.com";
  const clerk = "clerk@example.com";
  expect(await createUser(email, "admin")).toMatchObject({ code: 0 });
  expect(await createUser(clerk, "viewer")).toMatchObject({ code: 0 });
  const refused = await cli(["user", "disable", "--email", email]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^[^\n]*administrator[^\n]*\n$/);

  const listed = async () => {
    const { code, stdout } = await cli(["user", "list"]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/password"?:"/);
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter((user) => [email, clerk].includes(user.email));
  };
  expect(await cli(["user", "disable", "--email", "Clerk@example.com"])).toMatchObject({ code: 0, stdout: "" });
  expect(await listed()).toMatchObject([
    { email, role: "admin", disabled_at: null },
    { email: clerk, role: "viewer", disabled_at: expect.any(String) },
  ]);
  expect(await cli(["user", "enable", "--email", clerk])).toMatchObject({ code: 0, stdout: "" });
  expect(await listed()).toMatchObject([{ disabled_at: null }, { disabled_at: null }]);

  const reset = await cli(["user", "reset-password", "--email", clerk]);
  expect(reset).toMatchObject({ code: 0, stderr: "" });
  expect(reset.stdout).toMatch(/^\S{12,}\n$/);
  const recorded = await database.db.sql`
    select action, actor_name, details->>'email' as email from audit_log where actor_kind = 'system' order by created_at`;
  expect(recorded).toContainEqual({
    action: "user.reset-password",
    actor_name: "command line",
    email: clerk,
  });
  const everything = await database.db.sql`select details from audit_log`;
  expect(JSON.stringify(everything)).not.toContain(reset.stdout.trim());
  const nobody = await cli(["user", "reset-password", "--email", "nobody@example.com"]);
  expect(nobody).toMatchObject({ code: 1, stdout: "" });
  expect(nobody.stderr).toMatch(/^There is no user with the email nobody@example\.com\.\n$/);
});

test("cleanup prints its result as one line of JSON", async () => {
  const args = ["cleanup", "--type", "access_logs", "--days", "90"];
  const { code, stdout } = await cli([...args, "--dry-run"]);
  expect({ code, result: JSON.parse(stdout) }).toMatchObject({ code: 0, result: { matched_count: 0, dry_run: true } });
  const done = await cli([...args, "--no-archive", "--yes"]);
  expect({ code: done.code, result: JSON.parse(done.stdout) }).toMatchObject({ code: 0, result: { deleted_count: 0 } });
  // A dry run changes nothing and is not recorded.
  expect(await database.db.sql`select actor_name, details from audit_log where action = 'cleanup.start'`).toMatchObject(
    [{ actor_name: "command line", details: { task_type: "access_logs", days_to_keep: 90, archive: false } }],
  );
});

test.each([
  [["user", "create", "--email", "b@example.com"], "--role"],
  [["user", "create", "--email", "b@example.com", "--password", "short", "--role", "viewer"], "12 characters"],
  [["api-key", "create", "--name", "x", "--role", "king"], "viewer, auditor, operator, admin"],
  [["api-key", "create", "--name", "x", "--role", "viewer", "--expires-days", "0"], "from 1 to 3650"],
  [["cleanup", "--type", "access_logs", "--days", "3"], "--yes"],
  [["cleanup", "--type", "users", "--days", "3", "--yes"], "access_logs, user_activities, exports"],
  [["cleanup", "--type", "access_logs", "--days", "-1", "--yes"], "from 0 to 3650"],
  [["nonsense"], "unknown command"],
])("Wrong usage %j exits with 2 and the reason", async (args, message) => {
  const { code, stdout, stderr } = await cli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("export reports in one line that its file cannot be written, before it reads any row", async () => {
  const run = (out: string) =>
    cli([
      "export",
      "--type",
      "access_logs",
      "--format",
      "csv",
      "--start",
      "2024-01-01",
      "--end",
      "2024-01-02",
      "--out",
      out,
    ]);
  expect(await run(path.join(tmpdir(), randomUUID(), "rows.csv"))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot be written: the folder does not exist\.\n$/),
  });
  expect(await run(dataDir)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/it is not a regular file\.\n$/),
  });
});

test("An unreachable database is reported in one line with exit code 1", async () => {
  const { code, stderr } = await cli(["migrate"], { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:1 is unavailable[^\n]*\n$/);
});

test("An invalid environment variable is reported in one line with exit code 1", async () => {
  expect(await cli(["migrate"], { BATCH_SIZE: "many" })).toEqual({
    code: 1,
    stdout: "",
    stderr: 'BATCH_SIZE is "many", but must be a whole number from 1 to 10000.\n',
  });
});

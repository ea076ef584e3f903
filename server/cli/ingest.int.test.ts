import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { appendFile, chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";

const LOG_LINE = '10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1 "-" "curl"\n';
const EVENT = '{"user_id":"7","action":"login"}\n';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "batch-console-ingest-"));
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await database.db.sql`truncate access_logs, user_activity_logs, dead_letters, log_queue`;
});

function command(...args: string[]): ChildProcessWithoutNullStreams {
  const env = { ...process.env, ...database.env, DATA_DIR: folder, REDIS_URL: "" };
  return spawn(process.execPath, ["server/process/run.mjs", "cli", ...args], { env });
}

const start = (...args: string[]) => command("ingest", ...args);

async function ended(child: ChildProcessWithoutNullStreams) {
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

async function run(input: string, ...args: string[]) {
  const child = start(...args);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return await ended(child);
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

test("--direct stores a gzipped file; ingesting it again adds no rows", async () => {
  const file = await fileOf("events.jsonl.gz", gzipSync(EVENT.repeat(3)));
  const args = ["--table", "user_activities", "--direct", file];
  const first = await run("", ...args);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(first.stdout)).toMatchObject({ received: 3, inserted: 3, duplicates: 0 });
  expect(JSON.parse((await run("", ...args)).stdout)).toMatchObject({ inserted: 0, duplicates: 3 });
});

test("Standard input is queued, with a warning if no worker is running", async () => {
  const { code, stdout, stderr } = await run(LOG_LINE.repeat(2), "--table", "access_logs", "--format", "combined", "-");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ received: 2, queued: 2, inserted: 0 });
  expect(stderr).toMatch(/^No worker is running\. [^\n]*\n$/);
});

test("With some lines rejected, the exit code is 0 and the first reasons are printed", async () => {
  const { code, stdout, stderr } = await run(`${LOG_LINE}broken\n`, "--table", "access_logs", "--direct", "-");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ inserted: 1, rejected: 1 });
  expect(stderr).toMatch(/^Rejected: 1, [^\n]*\n {2}line 2: created_at: /);
});

test("If no record becomes a row, the exit code is 1", async () => {
  const { code, stdout, stderr } = await run("{}\nbroken\n", "--table", "access_logs", "--direct", "-");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ status: "failed", received: 2, inserted: 0, rejected: 2 });
  expect(stderr).toMatch(/^Rejected: 2\b[\s\S]*\nNo record[^\n]*\n$/);
});

test("imports list prints a line per import, and undo deletes the rows of one, once and only with --yes", async () => {
  const { sql } = database.db;
  await sql`truncate imports cascade`;
  await sql`insert into user_activity_logs (id, created_at, user_id, action) values (gen_random_uuid(), now(), '1', 'kept')`;
  const file = await fileOf("wrong.jsonl", EVENT.repeat(3));
  const { import_id } = JSON.parse((await run("", "--table", "user_activities", "--direct", file)).stdout);
  const imports = (...args: string[]) => ended(command("imports", ...args));
  const listed = await imports("list", "--table", "user_activities");
  expect(listed).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^[^\n]+\n$/) });
  expect(JSON.parse(listed.stdout)).toMatchObject({
    import_id,
    file_name: "wrong.jsonl",
    status: "completed",
    inserted: 3,
    requested_by: "command line",
  });
  const undo = (...args: string[]) => imports("undo", String(import_id), ...args);
  expect(await undo()).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--yes") });
  const undone = await undo("--yes");
  expect(undone.code).toBe(0);
  expect(JSON.parse(undone.stdout)).toMatchObject({ import_id, removed_count: 3, missing_count: 0 });
  expect([...(await sql`select action from user_activity_logs`)]).toEqual([{ action: "kept" }]);
  expect(await undo("--yes")).toEqual({
    code: 1,
    stdout: "",
    stderr: `Import ${import_id} has already been undone.\n`,
  });
});

test.each([
  [["--table", "access_logs", "/no/such/file"], 1, "the file does not exist"],
  [["--table", "access_logs", "."], 1, "it is a folder"],
  [["--table", "user_activities", "--format", "csv", "-"], 1, "lacks user_id, action"],
  [["--table", "user_activities", "--format", "combined", "-"], 1, "cannot be imported into user_activities"],
  [["--table", "nonsense", "-"], 2, "access_logs, user_activities"],
  [["--table", "access_logs", "--format", "xml", "-"], 2, "combined, ndjson, csv, json, auto"],
  [["--table", "access_logs"], 2, "file"],
  [["-"], 2, "--table"],
  [["--table", "access_logs", "-", "a.log"], 2, "cannot be combined"],
])("ingest %j exits with %i and the reason", async (args, code, reason) => {
  const result = await run("", ...args);
  expect(result).toMatchObject({ code, stdout: "" });
  expect(result.stderr).toContain(reason);
});

test("A folder, a missing file and a missing folder are each reported in one line with exit code 1", async () => {
  const file = await fileOf("plain.log", LOG_LINE);
  for (const [input, reason] of [
    [folder, "it is a folder"],
    [path.join(folder, "none.log"), "the file does not exist"],
    [path.join(file, "inner.log"), "ENOTDIR"],
  ] as const) {
    const result = await run("", "--table", "access_logs", "--direct", input);
    expect(result).toEqual({ code: 1, stdout: "", stderr: `${input} cannot be read: ${reason}.\n` });
  }
});

// Root can read every file.
test.skipIf(process.getuid?.() === 0)(
  "A file without read permission is reported in one line with exit code 1",
  async () => {
    const file = await fileOf("secret.log", LOG_LINE);
    await chmod(file, 0);
    const result = await run("", "--table", "access_logs", "--direct", file);
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: `${file} cannot be read: this user has no read permission.\n`,
    });
  },
);

test("Several files and patterns: rotated files oldest first, a result each and the totals, and a bad file stops no other", async () => {
  const logs = await mkdtemp(path.join(folder, "many-"));
  const line = (text: string) => LOG_LINE.replace("GET /", `GET /${text}`);
  const put = (name: string, content: string | Buffer) => writeFile(path.join(logs, name), content);
  await put("access.log", line("newest"));
  await put("access.log.1", line("middle").repeat(2));
  await put("access.log.10.gz", gzipSync(line("oldest")));
  await put("broken.log.gz", gzipSync(line("cut").repeat(5_000)).subarray(0, -9));
  await put("list.zip", Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
  await symlink(path.join(logs, "access.log"), path.join(logs, "link.log"));
  const missing = path.join(logs, "none-*.log");
  const args = ["--table", "access_logs", "--direct", path.join(logs, "*"), missing, logs];
  const { code, stdout, stderr } = await run("", ...args);
  expect(code).toBe(1);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((text) => JSON.parse(text));
  const total = lines.pop();
  expect(lines.map(({ file, status, inserted }) => [path.relative(logs, file), status, inserted])).toEqual([
    ["", "failed", undefined],
    ["access.log.10.gz", "completed", 1],
    ["access.log.1", "completed", 2],
    ["access.log", "completed", 1],
    ["broken.log.gz", "failed", expect.any(Number)],
    ["list.zip", "failed", undefined],
  ]);
  expect(lines[4].error).toMatch(/The gzip file is truncated: it ends after [\d,]+ bytes\./);
  const [row] = await database.db.sql`select count(*)::int as rows from access_logs`;
  expect(row?.rows).toBe(4 + lines[4].inserted);
  expect(total).toMatchObject({ files: 7, failed: 4, not_read: 0, inserted: row?.rows });
  expect(stderr).toContain("none-*.log: no file matches.");
  expect(stderr).toContain("link.log: the same file was named before");
  expect(stderr).toContain("it is a folder");
  expect(stderr).toContain("Files in zip format are not supported.");
  expect(stderr).toMatch(/4 of 7 failed\.\n$/);
  const again = await run("", "--table", "access_logs", "--direct", path.join(logs, "access*"));
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
    files: 3,
    failed: 0,
    inserted: 0,
    duplicates: 4,
  });
});

test("Lines from tail -f are stored while the command keeps running", async () => {
  const file = await fileOf("growing.jsonl", EVENT);
  const tail = spawn("tail", ["-n", "+1", "-f", file]);
  const child = start("--table", "user_activities", "--format", "ndjson", "--direct", "-");
  child.stdin.on("error", () => {});
  tail.stdout.pipe(child.stdin);
  const result = ended(child);
  const { sql } = database.db;
  try {
    for (const [expected, more] of [
      [1, EVENT.replace("login", "logout")],
      [2, ""],
    ] as const) {
      for (let rows = 0; rows < expected; await sleep(20)) {
        const [counted] = await sql<{ rows: number }[]>`select count(*)::int as rows from user_activity_logs`;
        rows = counted?.rows ?? 0;
      }
      expect(child.exitCode).toBeNull();
      await appendFile(file, more);
    }
  } finally {
    // The end of tail ends the command's input.
    tail.kill();
  }
  expect(JSON.parse((await result).stdout)).toMatchObject({ received: 2, inserted: 2 });
});

test("Ctrl-C stops the command and keeps the records read so far", async () => {
  const child = start("--table", "user_activities", "--format", "ndjson", "--direct", "-");
  const result = ended(child);
  child.stdin.on("error", () => {});
  child.stdin.write(EVENT.repeat(2_500));
  const { sql } = database.db;
  for (let rows = 0; rows < 2_000; await sleep(20)) {
    const [counted] = await sql<{ rows: number }[]>`select count(*)::int as rows from user_activity_logs`;
    rows = counted?.rows ?? 0;
  }
  child.kill("SIGINT");
  expect(await result).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^The import was stopped\. The first 2\d00 records were processed[^\n]*\n$/),
  });
});

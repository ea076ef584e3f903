import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "@/server/lib/errors";
import { loadConfig } from "@/server/process/config";
import { type OpenContext, openContext } from "@/server/process/open-context";
import { finishMigrations } from "@/server/process/schema";
import { ensureFirstAdmin } from "@/server/services/accounts";
import { startPostgres, type TestPostgres } from "@/server/testing/postgres";
import { makeWhenAvailable } from "./when-available";

let postgres: TestPostgres;
let folder: string;
const lines: string[] = [];

beforeAll(async () => {
  [postgres, folder] = await Promise.all([startPostgres(), mkdtemp(path.join(tmpdir(), "batch-console-start-"))]);
  // A step that is still running when PostgreSQL stops is logged too.
  const { context, close } = await open("cli");
  await finishMigrations(context, new AbortController().signal);
  await close();
  lines.length = 0;
});
afterAll(async () => {
  await postgres?.remove();
  await rm(folder, { recursive: true, force: true });
});

function open(role: "web" | "cli"): Promise<OpenContext> {
  const config = loadConfig({ DATABASE_URL: postgres.url(), DATA_DIR: folder });
  return openContext(role, { config, log: pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) }) });
}

test("A web process whose PostgreSQL fails after the first connection logs one line, waits, and then creates its administrator", async () => {
  const { context, whenAvailable, close } = await open("web");
  await postgres.stop("immediate");
  const signIn = ensureFirstAdmin(context, whenAvailable);
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^PostgreSQL at .* is unavailable \(\w+\): .* Retrying for 30 seconds\.$/);
  await postgres.start();
  expect(await signIn).toMatchObject({ email: "admin@localhost", password: expect.any(String) });
  expect(lines.splice(0)).toHaveLength(1);
  await close();
});

test("A service that is told to stop while it waits ends at once, with the reason", async () => {
  const stop = new AbortController();
  const log = pino({}, { write: () => stop.abort() });
  const whenAvailable = makeWhenAvailable("postgres://127.0.0.1:1/logs", "service", log, stop.signal);
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED", syscall: "connect" });
  await expect(whenAvailable(() => Promise.reject(refused))).rejects.toThrow(/is unavailable \(ECONNREFUSED\)/);
  expect(stop.signal.aborted).toBe(true);
});

test("A service also waits for a read-only PostgreSQL", async () => {
  const { context, whenAvailable, close } = await open("web");
  await context.db.sql`delete from "user"`;
  await context.db.sql`alter system set default_transaction_read_only = on`;
  await context.db.sql`select pg_reload_conf()`;
  await expect
    .poll(() => context.db.sql`show default_transaction_read_only`)
    .toMatchObject([{ default_transaction_read_only: "on" }]);
  const signIn = ensureFirstAdmin(context, whenAvailable);
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines.splice(0)[0]).toMatch(/read-only.*Retrying/);
  await context.db.sql`alter system reset default_transaction_read_only`;
  await context.db.sql`select pg_reload_conf()`;
  expect(await signIn).toMatchObject({ password: expect.any(String) });
  await close();
});

test("The first administrator is reported with its password, even if the connection was lost during the commit", async () => {
  const { context, close } = await open("web");
  await context.db.sql`delete from "user"`;
  const twice = async <T>(step: () => Promise<T>) => {
    await step();
    return await step();
  };
  expect(await ensureFirstAdmin(context, twice)).toMatchObject({ password: expect.any(String) });
  expect(await ensureFirstAdmin(context)).toBeNull();
  await close();
});

test("A command exits immediately with the cause and remedy in one line", async () => {
  await postgres.stop("immediate");
  await expect(open("cli")).rejects.toMatchObject({
    name: "StartError",
    message: expect.stringMatching(/is unavailable \(ECONNREFUSED\): nothing listens there\. Start it, or correct/),
  });
  expect(lines).toEqual([]);
});

test("A failure of another server is not reported as one of PostgreSQL", async () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  const failure = new AppError("files.unreachable", { reason: cause.code }, { cause });
  const whenAvailable = makeWhenAvailable(postgres.url(), "service", pino({ level: "silent" }));
  await expect(whenAvailable(() => Promise.reject(failure))).rejects.toBe(failure);
});

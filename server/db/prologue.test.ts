import { describe, expect, test } from "vitest";
import { separateSettings } from "./connection-url";
import { makePrologue } from "./prologue";

test("behind a pooler, a connection starts with settings that poolers know, and each transaction sets the others", () => {
  const { connection, prologue } = makePrologue({
    application_name: "console",
    TimeZone: "UTC",
    statement_timeout: 10_000,
    default_transaction_read_only: true,
    jit: false,
    idle_session_timeout: 0,
    search_path: 'Logs, "It\'s, mine"',
  });
  expect(connection).toEqual({ application_name: "console", TimeZone: "UTC" });
  expect(prologue.statement).toBe(
    "select pg_catalog.pg_backend_pid(), " +
      "pg_catalog.set_config('statement_timeout', '10000', true), " +
      "pg_catalog.set_config('transaction_read_only', 'true', true), " +
      "pg_catalog.set_config('jit', 'false', true), " +
      `pg_catalog.set_config('search_path', 'Logs, "It''s, mine"', true)`,
  );
  expect(prologue.transaction).toBe(
    `set local "statement_timeout" = '10000'; set local "transaction_read_only" = 'true'; set local "jit" = 'false'; ` +
      `set local "search_path" = "logs", "It's, mine"`,
  );
});

describe("The settings in a URL are", () => {
  const base = "postgres://me:p%40ss@host:6432/logs";

  test.each([
    ["?search_path=app", {}, { search_path: "app" }],
    ["?sslmode=require&lock_timeout=5s", { kept: "?sslmode=require" }, { lock_timeout: "5s" }],
    ["?options=-csearch_path%3Dapp%20-c%20work_mem%3D8MB", {}, { search_path: "app", work_mem: "8MB" }],
    [
      "?options=--statement-timeout%3D5%20-c%20search_path%3Da\\,%5C%20b",
      {},
      { statement_timeout: "5", search_path: "a, b" },
    ],
    ["", {}, {}],
  ])("those of %s", (search, { kept = "" }: { kept?: string }, settings) => {
    expect(separateSettings(`${base}${search}`)).toEqual({ url: `${base}${kept}`, settings });
  });
});

import { describe, expect, test } from "vitest";
import { databaseFailureOf, toAppError } from "./errors";

/** Drizzle wraps the errors of postgres.js like this. */
const failed = (code: string, syscall?: string) =>
  new Error("Failed query", { cause: Object.assign(new Error("why"), { code, syscall }) });

describe("Failures of PostgreSQL can be retried", () => {
  test.each([
    ["08006 connection failure", "cannot be reached"],
    ["08P01 protocol violation", "cannot be reached"],
    ["25P03 idle in transaction timeout", "cannot be reached"],
    ["3D000 database dropped", "cannot be reached"],
    ["57P01 admin shutdown", "cannot be reached"],
    ["57P02 crash shutdown", "cannot be reached"],
    ["57P03 starting up", "cannot be reached"],
    ["57P04 database dropped", "cannot be reached"],
    ["57P05 idle session timeout", "cannot be reached"],
    ["CONNECTION_SILENT", "cannot be reached"],
    ["EAI_AGAIN", "cannot be reached"],
    ["53300 too many connections", "no capacity left"],
    ["53200 out of memory", "no capacity left"],
    ["53400 configuration limit exceeded", "no capacity left"],
    ["QUEUE_TIMEOUT", "no capacity left"],
    ["53100 disk full", "disk is full"],
    ["25006 read-only transaction", "read-only"],
    ["58030 I/O error", "fault of its storage"],
    ["XX001 data corrupted", "fault of its storage"],
    ["28P01 invalid password", "lacks a permission"],
    ["42501 insufficient privilege", "lacks a permission"],
    ["55P03 lock not available", "locked by other work"],
    ["40001 serialization failure", "at the same moment"],
    ["40P01 deadlock detected", "at the same moment"],
    ["57014 query cancelled", "was stopped"],
  ])("%s", (code, words) => {
    const error = toAppError(failed(code.split(" ")[0] ?? ""));
    expect(error).toMatchObject({ kind: "UNAVAILABLE", message: expect.stringContaining(words) });
    expect(error.retryAfter).toBeGreaterThan(0);
  });
});

test.each(["22P02", "23505", "42P01", "42703", "54000", "XX000"])("%s is caused by the statement", (code) => {
  expect(databaseFailureOf(failed(code))).toBeUndefined();
});

test("A missing file is not reported as a missing PostgreSQL socket", () => {
  expect(databaseFailureOf(failed("ENOENT", "open"))).toBeUndefined();
  expect(databaseFailureOf(failed("ENOENT", "connect"))).toBe("unreachable");
});

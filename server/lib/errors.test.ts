import { describe, expect, test } from "vitest";
import { databaseFailureOf, toAppError } from "./errors";

/** Drizzle wraps the errors of postgres.js like this. */
const failed = (code: string, syscall?: string) =>
  new Error("Failed query", { cause: Object.assign(new Error("why"), { code, syscall }) });

describe("Failures of PostgreSQL can be retried", () => {
  test.each([
    ["08006 connection failure", "unreachable"],
    ["08P01 protocol violation", "unreachable"],
    ["25P03 idle in transaction timeout", "unreachable"],
    ["3D000 database dropped", "unreachable"],
    ["57P01 admin shutdown", "unreachable"],
    ["57P02 crash shutdown", "unreachable"],
    ["57P03 starting up", "unreachable"],
    ["57P04 database dropped", "unreachable"],
    ["57P05 idle session timeout", "unreachable"],
    ["CONNECTION_SILENT", "unreachable"],
    ["EAI_AGAIN", "unreachable"],
    ["53300 too many connections", "overloaded"],
    ["53200 out of memory", "overloaded"],
    ["53400 configuration limit exceeded", "overloaded"],
    ["QUEUE_TIMEOUT", "overloaded"],
    ["53100 disk full", "disk is full"],
    ["25006 read-only transaction", "read-only"],
    ["58030 I/O error", "storage error"],
    ["XX001 data corrupted", "storage error"],
    ["28P01 invalid password", "lacks a required privilege"],
    ["42501 insufficient privilege", "lacks a required privilege"],
    ["55P03 lock not available", "locked by another operation"],
    ["40001 serialization failure", "changed concurrently"],
    ["40P01 deadlock detected", "changed concurrently"],
    ["57014 query cancelled", "timed out"],
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

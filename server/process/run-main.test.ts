import { expect, test } from "vitest";
import { describeError } from "./run-main";

const failed = (code: string, syscall?: string) =>
  new Error("Failed query", { cause: Object.assign(new Error("why"), { code, syscall }) });

test.each([
  [failed("53100"), "The database disk is full."],
  [failed("53300"), "The database is overloaded."],
  [failed("ECONNREFUSED"), "The database is unreachable."],
  [failed("ENOENT", "connect"), "The database is unreachable."],
])("An unavailable or full database ends a process with one line (%#)", (error, start) => {
  expect(describeError(error)).toMatch(new RegExp(`^${start}.*$`));
});

test("A missing file is not reported as an unavailable database", () => {
  expect(describeError(failed("ENOENT", "open"))).toContain("    at ");
});

import { expect, test } from "vitest";
import { toAppError } from "./errors";

test.each([
  ["53100", "The database's disk is full."],
  ["53300", "The database cannot be reached."],
  ["57P01", "The database cannot be reached."],
])("PostgreSQL's %s asks the client to come back", (code, words) => {
  const error = toAppError(new Error("Failed query", { cause: Object.assign(new Error(), { code }) }));
  expect(error).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining(words) });
  expect(error.retryAfter).toBeGreaterThan(0);
});

import { expect, test } from "vitest";
import { requirePatchedDriver } from "./patched-driver";

test("a postgres.js without the project's changes is refused with one line, and the installed one has them", () => {
  expect(() => requirePatchedDriver({ max: 1 })).toThrow(/^The package postgres lacks.*npm ci[^\n]*$/);
  expect(() => requirePatchedDriver()).not.toThrow();
});

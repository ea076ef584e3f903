import { expect, test } from "vitest";
import { requirePatchedDriver } from "./patched-driver";

test("an unpatched postgres.js is rejected with one line, and the installed one is patched", () => {
  expect(() => requirePatchedDriver({ max: 1 })).toThrow(/^The package postgres is not patched.*npm ci[^\n]*$/);
  expect(() => requirePatchedDriver()).not.toThrow();
});

import { expect, test } from "vitest";
import { within, withTimeout } from "./within";

const never = new Promise<string>(() => {});
const late = () => new Error("late");

test("A result within the timeout is returned, and an error within it is thrown", async () => {
  expect(await within(Promise.resolve("soon"), 60_000)).toBe("soon");
  expect(await withTimeout(Promise.resolve("soon"), 60_000, late)).toBe("soon");
  await expect(within(Promise.reject(new Error("broken")), 60_000)).rejects.toThrow("broken");
  await expect(withTimeout(Promise.reject(new Error("broken")), 60_000, late)).rejects.toThrow("broken");
});

test("After the timeout, the result is undefined or the caller's error", async () => {
  expect(await within(never, 1)).toBeUndefined();
  await expect(withTimeout(never, 1, late)).rejects.toThrow("late");
});

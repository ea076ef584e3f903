import { expect, test } from "vitest";
import { makeRetries } from "./retries";

test("What failed is tried again after a minute, and after each further failure twice as late", () => {
  let minutes = 0;
  const retries = makeRetries(() => minutes * 60_000);
  for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
    retries.failed(["a"]);
    minutes += pause - 0.1;
    expect(retries.waiting()).toEqual(["a"]);
    minutes += 0.1;
    expect(retries.waiting()).toEqual([]);
    expect(retries.isEmpty()).toBe(false);
  }
  retries.succeeded(["a"]);
  expect(retries.isEmpty()).toBe(true);
});

test("What no longer exists is forgotten", () => {
  let minutes = 0;
  const retries = makeRetries(() => minutes * 60_000);
  retries.failed(["a"]);
  minutes = 62;
  expect(retries.waiting()).toEqual([]);
  expect(retries.isEmpty()).toBe(true);
});

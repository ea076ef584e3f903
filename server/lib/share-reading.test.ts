import { expect, test } from "vitest";
import { shareReading } from "./share-reading";

function reader() {
  let reads = 0;
  return { read: async () => ++reads, reads: () => reads };
}

test("Concurrent callers with the same owner and key share one read", async () => {
  const owner = {};
  const { read } = reader();
  expect(await Promise.all([1, 2, 3].map(() => shareReading(owner, "rows", read)))).toEqual([1, 1, 1]);
  expect(await shareReading(owner, "rows", read)).toBe(2);
  expect(await Promise.all([shareReading(owner, "other", read), shareReading({}, "rows", read)])).toEqual([3, 4]);
});

test("A result is reused until it is no longer fresh", async () => {
  const owner = {};
  const { read, reads } = reader();
  await shareReading(owner, "rows", read, 60_000);
  expect(await shareReading(owner, "rows", read, 60_000)).toBe(1);
  await shareReading(owner, "short", read, 1);
  await expect.poll(() => shareReading(owner, "short", read, 1)).toBeGreaterThan(2);
  expect(reads()).toBeGreaterThan(2);
});

test("A failure reaches the callers that wait for it, and no later caller", async () => {
  const owner = {};
  const failing = () => Promise.reject(new Error("unreachable"));
  const both = [shareReading(owner, "rows", failing, 60_000), shareReading(owner, "rows", failing, 60_000)];
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await shareReading(owner, "rows", async () => "rows")).toBe("rows");
});

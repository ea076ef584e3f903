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
  await shareReading(owner, "rows", read, { freshMs: 60_000 });
  expect(await shareReading(owner, "rows", read, { freshMs: 60_000 })).toBe(1);
  await shareReading(owner, "short", read, { freshMs: 1 });
  await expect.poll(() => shareReading(owner, "short", read, { freshMs: 1 })).toBeGreaterThan(2);
  expect(reads()).toBeGreaterThan(2);
});

test("A failure reaches the callers that wait for it, and no later caller", async () => {
  const owner = {};
  const failing = () => Promise.reject(new Error("unreachable"));
  const both = [
    shareReading(owner, "rows", failing, { freshMs: 60_000 }),
    shareReading(owner, "rows", failing, { freshMs: 60_000 }),
  ];
  expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await shareReading(owner, "rows", async () => "rows")).toBe("rows");
});

test("A read is aborted when all of its callers have, and not before", async () => {
  const owner = {};
  const reads: AbortSignal[] = [];
  const read = (signal: AbortSignal) => {
    reads.push(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const first = shareReading(owner, "rows", read, { signal: one.signal });
  const second = shareReading(owner, "rows", read, { signal: two.signal });
  one.abort(new Error("first"));
  await expect(first).rejects.toThrow("first");
  expect(reads.map(({ aborted }) => aborted)).toEqual([false]);
  two.abort(new Error("second"));
  await expect(second).rejects.toThrow("second");
  expect(reads.map(({ aborted }) => aborted)).toEqual([true]);
  expect(await shareReading(owner, "rows", async () => "rows", { signal: new AbortController().signal })).toBe("rows");
});

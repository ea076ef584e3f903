import { expect, test } from "vitest";
import { makeTurns } from "./turns";

/** Starts a statement and records when its turn begins. */
function makeQueue(limits: { atOnce: number; perUser: number }) {
  const turns = makeTurns(limits);
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    end: async (name: string) => {
      ends.get(name)?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    take: (name: string, signal?: AbortSignal) =>
      turns.take(name.slice(0, 1), signal).then((end) => {
        started.push(name);
        ends.set(name, end);
      }),
  };
}

test("Users take turns, so that many statements of one do not delay another's", async () => {
  const { take, end, started } = makeQueue({ atOnce: 1, perUser: 1 });
  const all = ["a1", "a2", "a3", "b1", "c1", "b2"].map((name) => take(name));
  for (const name of ["a1", "a2", "b1", "c1", "a3", "b2"]) await end(started.at(-1) ?? name);
  await Promise.all(all);
  expect(started).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
});

test("One user's statements never occupy all turns", async () => {
  const { take, end, started } = makeQueue({ atOnce: 3, perUser: 2 });
  void ["a1", "a2", "a3"].map((name) => take(name));
  await take("b1");
  expect(started).toEqual(["a1", "a2", "b1"]);
  await end("a2");
  expect(started).toEqual(["a1", "a2", "b1", "a3"]);
});

test("A waiting statement can be cancelled, and its turn goes to the next", async () => {
  const { take, end, started } = makeQueue({ atOnce: 1, perUser: 1 });
  const abort = new AbortController();
  await take("a1");
  const cancelled = take("b1", abort.signal);
  const next = take("c1");
  abort.abort(new Error("no longer needed"));
  await expect(cancelled).rejects.toThrow("no longer needed");
  await end("a1");
  await next;
  expect(started).toEqual(["a1", "c1"]);
  await end("c1");
  // Ending a turn twice does not start two others.
  await end("c1");
  await take("a2");
  void take("b2");
  expect(started).toEqual(["a1", "c1", "a2"]);
});

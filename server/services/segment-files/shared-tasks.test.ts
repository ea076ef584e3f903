import { expect, test } from "vitest";
import { makeSharedTasks } from "./shared-tasks";

/** Tasks that end when the test requests it. */
function makeWork() {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      started.push(name);
      running.set(name, resolve);
    });
  return { work, started, end: (name: string) => running.get(name)?.() };
}

test("Requests share the work on a file; no more than the limit is done at once", async () => {
  const tasks = makeSharedTasks(2);
  const { work, started, end } = makeWork();
  const all = ["a", "b", "c", "a"].map((name) => tasks.run(name, work(name)));
  await expect.poll(() => started).toEqual(["a", "b"]);
  end("a");
  await expect.poll(() => started).toEqual(["a", "b", "c"]);
  end("b");
  end("c");
  await Promise.all(all);
});

test("Work that has not started is dropped when nobody waits for it; what has started is completed", async () => {
  const tasks = makeSharedTasks(1);
  const { work, started, end } = makeWork();
  const gone = new AbortController();
  const first = tasks.run("a", work("a"), gone.signal);
  await expect.poll(() => started).toEqual(["a"]);
  const dropped = tasks.run("b", work("b"), gone.signal);
  const shared = [tasks.run("c", work("c"), gone.signal), tasks.run("c", work("c"))];
  gone.abort(new Error("gone"));
  for (const one of [first, dropped, shared[0]]) await expect(one).rejects.toThrow("gone");
  end("a");
  await expect.poll(() => started).toEqual(["a", "c"]);
  end("c");
  await shared[1];
  const again = tasks.run("b", work("b"));
  await expect.poll(() => started).toEqual(["a", "c", "b"]);
  end("b");
  await again;
});

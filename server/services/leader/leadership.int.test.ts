import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { makeLeadership } from "./leadership";
import { makePeriodicTasks } from "./periodic-tasks";

let opened: TestContext;

beforeAll(async () => {
  opened = await createTestContext();
});
afterAll(() => opened?.close());

test("One process leads at a time; another takes over when it hangs or exits", async () => {
  const [first, second] = [makeLeadership(opened.context, "1 second"), makeLeadership(opened.context, "1 second")];
  expect(await first.isOurs()).toBe(true);
  expect(await second.isOurs()).toBe(false);
  expect(await first.isOurs()).toBe(true);

  await expect.poll(() => second.isOurs()).toBe(true);
  // A process that hung finds its connection terminated and the lock held by the other.
  await expect
    .poll(async () => await Promise.all([second.isOurs(), first.isOurs().catch(() => "gone")]), { interval: 100 })
    .toEqual([true, false]);

  await second.release();
  await expect.poll(() => first.isOurs()).toBe(true);
  await first.release();
});

test("Periodic tasks continue when the clock is set back", async () => {
  let now = Date.now();
  const setBack = () => {
    now -= 3_600_000;
    return new Date(now);
  };
  const ctx = { ...opened.context, now: setBack };
  let runs = 0;
  const work = async () => {
    ctx.now();
    runs++;
  };
  const tasks = makePeriodicTasks(ctx, [{ every: 1, work }]);
  await expect
    .poll(() => {
      tasks.begin();
      return runs;
    })
    .toBeGreaterThan(2);
  await tasks.ended();
});

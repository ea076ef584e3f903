import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/server/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { queueStatus, storeClaim } from "./index";

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
});

afterAll(() => test.close());

it("counts no event twice and misses none, at whatever moment it is asked", async () => {
  const EVENTS = 3_000;
  const payloads = Array.from({ length: EVENTS }, (_, n) =>
    JSON.stringify({ ip_address: "203.0.113.7", request_path: `/${n}` }),
  );
  await ctx.queue.push("access_logs", payloads);
  let draining = true;
  const drain = async () => {
    const limits = { events: 20, bytes: 1_000_000 };
    while (
      (await ctx.queue.consume(
        "access_logs",
        limits,
        async (claim, tx) => void (await storeClaim(ctx, "access_logs", claim, tx)),
      )) > 0
    );
    draining = false;
  };
  const watch = async () => {
    let last = 0;
    while (draining) {
      const { received_total, inserted_total, duplicates_total, dead_total, in_flight } = (await queueStatus(ctx))
        .queues.access_logs;
      expect(received_total).toBe(inserted_total + duplicates_total + dead_total + (in_flight ?? 0));
      expect(received_total).toBeGreaterThanOrEqual(last);
      expect(received_total).toBeLessThanOrEqual(EVENTS);
      last = received_total;
      await nextTurn();
    }
  };
  await Promise.all([drain(), watch(), watch()]);
  expect((await queueStatus(ctx)).queues.access_logs).toMatchObject({
    received_total: EVENTS,
    inserted_total: EVENTS,
    in_flight: 0,
  });
});

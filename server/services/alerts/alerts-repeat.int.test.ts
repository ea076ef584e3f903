import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as acknowledge from "@/app/api/v1/batch-processing/alerts/[id]/acknowledge/route";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { ADMIN, accessEvents, openMonitored, type Watched } from "@/server/testing/monitored";
import { changeRule } from "./settings";

let watched: Watched;
let ctx: Context;

beforeAll(async () => {
  watched = await openMonitored();
  ctx = watched.ctx;
});
afterAll(() => watched?.close());
beforeEach(() => watched.reset());

describe("A continuing alert", () => {
  const overdue = () =>
    ctx.db
      .sql`update scheduled_tasks set next_run_at = ${new Date(watched.now().getTime() - 400_000).toISOString()} where name = 'data_cleanup'`;
  const onTime = () => ctx.db.sql`update scheduled_tasks set next_run_at = null`;

  test("is notified once an hour until it is acknowledged", async () => {
    await overdue();
    await watched.evaluate(0);
    for (let minute = 0; minute < 61; minute += 10) await watched.evaluate(600);
    expect(watched.notified("task_missed")).toEqual(["firing", "still_firing"]);
    const [alert] = await watched.open("task_missed");
    const params = { id: alert?.id };
    const acknowledged = { state: "acknowledged", acknowledged_by: "test" };
    for (const [language, message] of [
      ["en", /is overdue/],
      ["zh-CN", /已逾期/],
    ] as const) {
      expect(await watched.send(acknowledge.POST, { method: "POST", params, language })).toMatchObject({
        status: 200,
        json: { ...acknowledged, message: expect.stringMatching(message) },
      });
    }
    await watched.evaluate(4_000);
    await watched.evaluate(4_000);
    expect(watched.notified("task_missed")).toEqual(["firing", "still_firing"]);
    await onTime();
    await watched.evaluate(0);
    expect(watched.notified("task_missed")).toEqual(["firing", "still_firing", "resolved"]);
    expect((await watched.send(acknowledge.POST, { method: "POST", params })).status).toBe(409);
    expect((await watched.send(acknowledge.POST, { method: "POST", params: { id: crypto.randomUUID() } })).status).toBe(
      404,
    );
  });

  test("that resolves and fires again is notified at most once an hour", async () => {
    for (let round = 0; round < 5; round++) {
      await overdue();
      await watched.evaluate(0);
      await onTime();
      await watched.evaluate(60);
    }
    expect(watched.notified("task_missed")).toEqual(["firing", "resolved"]);
  });

  test("resolves when its rule is disabled, and follows its threshold", async () => {
    await insertAccessLogs(ctx, accessEvents(100, 6));
    await changeRule(ctx, "failure_rate", { threshold: 0.07 }, ADMIN);
    await watched.evaluate(0);
    await watched.evaluate(60);
    expect(await watched.open("failure_rate")).toEqual([]);
    await changeRule(ctx, "failure_rate", { threshold: null }, ADMIN);
    await watched.evaluate(0);
    await watched.evaluate(60);
    expect(await watched.open("failure_rate")).toHaveLength(1);
    await changeRule(ctx, "failure_rate", { enabled: false }, ADMIN);
    await watched.evaluate(0);
    expect(await watched.open("failure_rate")).toEqual([]);
    await expect(changeRule(ctx, "no_worker", { threshold: 1 }, ADMIN)).rejects.toThrow("no threshold");
    await expect(changeRule(ctx, "disk_usage", { threshold: 2 }, ADMIN)).rejects.toThrow("between 0 and 1");
  });
});

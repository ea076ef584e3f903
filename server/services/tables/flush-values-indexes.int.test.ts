import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { listLogs } from "@/server/services/logs";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { flushValuesIndexes } from "./flush-values-indexes";

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
});
afterAll(() => test.close());

it("empties the pending lists of all partitions, and every row can be found", async () => {
  const months = ["2026-03", "2026-04"];
  for (const month of months) {
    const created_at = `${month}-01T00:00:00Z`;
    await insertAccessLogs(
      ctx,
      Array.from({ length: 50 }, (_, n) => ({
        ip_address: "203.0.113.7",
        request_path: "/",
        user_id: `u${n}`,
        created_at,
      })),
    );
  }
  expect(await flushValuesIndexes(ctx)).toBeGreaterThanOrEqual(months.length);
  expect(await flushValuesIndexes(ctx)).toBe(0);
  const { items } = await listLogs(ctx, "access_logs", { filters: { user_id: "u7" } });
  expect(items.map(({ created_at }) => created_at.slice(0, 7))).toEqual(months.toReversed());
});

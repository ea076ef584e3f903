import { expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import { checkHealth } from "./check-health";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

test("health shows the step of an upgrade that runs in the background, its progress and its failure", async () => {
  const upgrade = async () => (await checkHealth(ctx)).parts.upgrade;
  expect(await upgrade()).toMatchObject({ state: "ok", advice: null });
  await ctx.db.sql`
    insert into schema_steps (migration, statement, done, total)
    values ('0030_a', 'CREATE INDEX "access_logs_a_idx" ON "access_logs" USING btree ("user_id");', 3, 14),
      ('0030_a', 'ALTER TABLE "jobs" VALIDATE CONSTRAINT "a";', 0, null)`;
  const step = "CREATE INDEX access_logs_a_idx";
  expect(await upgrade()).toMatchObject({
    state: "degraded",
    advice: { code: "health.upgrade_running", params: { remaining: 2, step, progress: "3/14" } },
  });
  await ctx.db.sql`update schema_steps set error = '53100' where done = 3`;
  expect(await upgrade()).toMatchObject({
    state: "degraded",
    advice: { code: "health.upgrade_failed", params: { step, error: "53100" } },
  });
  await ctx.db.sql`update schema_steps set finished_at = now()`;
  expect(await upgrade()).toMatchObject({ state: "ok", advice: null });
});

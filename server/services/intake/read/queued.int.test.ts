import { describe, expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { createTestContext } from "@/server/testing/context";
import { drain, setUpIntake, takeIn } from "@/server/testing/intake";
import { attackLog, combinedLog, textOf } from "@/server/testing/sample-logs";

const queued = { mode: "queued", format: "ndjson" } as const;

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

describe("a queued intake", () => {
  test("stores the same rows as a direct one, and the invalid lines immediately", async () => {
    const rows = async () => {
      const all = await ctx.db.sql`select * from access_logs order by created_at, id`;
      return all.map(({ import_id, ...row }) => row);
    };
    const attacks = attackLog();
    await takeIn(ctx, "access_logs", textOf(attacks));
    const expected = [...(await rows())];
    await ctx.db.sql`truncate access_logs`;

    const result = await takeIn(ctx, "access_logs", textOf(attacks), { mode: "queued" });
    expect(result).toMatchObject({ queued: attacks.lines.length, inserted: 0, rejected: 0 });
    await drain(ctx, "access_logs");
    expect([...(await rows())]).toEqual(expected);

    const combined = combinedLog();
    const cut = await takeIn(ctx, "access_logs", textOf(combined), { mode: "queued" });
    expect(cut).toMatchObject({ queued: combined.lines.length - 1, rejected: 1 });
    const [letter] = await ctx.db.sql`select line from dead_letters`;
    expect(letter?.line).toBe(String(combined.cutLine));
  });

  test("of the same event with an id but no time, sent twice, stores it once", async () => {
    const text = '{"id":"0b5dd6a2-6d10-4a6c-8f2a-0d8e1e6b9a10","user_id":"7","action":"login"}';
    for (const _ of [1, 2]) {
      await takeIn(ctx, "user_activities", text, queued);
      await drain(ctx, "user_activities");
    }
    const rows = await ctx.db.sql`select id from user_activity_logs`;
    expect(rows).toHaveLength(1);
  });

  test("stores directly in the table while Redis is unavailable", async () => {
    const unavailable = await createTestContext({ redisUrl: "redis://127.0.0.1:1" });
    try {
      const text = '{"user_id":"7","action":"login"}\nbroken\n';
      const result = await takeIn(unavailable.context, "user_activities", text, queued);
      expect(result).toMatchObject({ received: 2, queued: 0, inserted: 1, rejected: 1 });
    } finally {
      await unavailable.close();
    }
  });
});

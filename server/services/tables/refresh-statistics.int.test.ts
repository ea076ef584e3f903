import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { UNFENCED } from "@/server/services/jobs";
import { runCleanup } from "@/server/services/retention";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { refreshStatistics } from "./refresh-statistics";

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  // Autovacuum must not analyze before the code under test.
  for (const month of ["2026-03", "2026-04", "2026-05"]) {
    await insertAccessLogs(ctx, [
      { ip_address: "203.0.113.7", request_path: "/", created_at: `${month}-01T00:00:00Z` },
    ]);
    await ctx.db.sql.unsafe(`alter table access_logs_p${month.replace("-", "_")} set (autovacuum_enabled = off)`);
  }
});
afterAll(() => test.close());

/** Simulates a bulk load. Flushes the statistics immediately, which PostgreSQL otherwise does within seconds. */
async function load(month: string, rows: number): Promise<void> {
  await ctx.db.sql.begin(async (tx) => {
    await tx`
      insert into access_logs (id, created_at, ip_address, request_path)
      select gen_random_uuid(), ${`${month}-02T00:00:00Z`}::timestamptz + n * interval '1 second', '203.0.113.7', '/'
      from generate_series(1, ${rows}) as n`;
    await tx`select pg_stat_force_next_flush()`;
  });
}

async function plannedRows(where: string): Promise<number> {
  const [plan] = await ctx.db.sql.unsafe<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }[]>(
    `explain (format json) select 1 from access_logs where ${where}`,
  );
  return plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? Number.NaN;
}

describe("The planner's statistics", () => {
  it("are refreshed after a bulk load, of the partition and of the whole table, and then not again", async () => {
    expect(await refreshStatistics(ctx)).toEqual([]);
    await load("2026-03", 11_000);
    expect(await refreshStatistics(ctx)).toEqual(["access_logs_p2026_03", "access_logs"]);
    expect(await plannedRows("created_at < '2026-03-02T01:00:00Z'")).toBeGreaterThan(3_000);
    expect(await refreshStatistics(ctx)).toEqual([]);
  });

  it("of a locked partition are postponed, others are not, and refreshes never overlap", async () => {
    await load("2026-03", 15_000);
    await load("2026-04", 15_000);
    await ctx.db.sql.begin(async (tx) => {
      await tx`lock table access_logs_p2026_03 in share row exclusive mode`;
      const both = await Promise.all([refreshStatistics(ctx), refreshStatistics(ctx)]);
      expect(both.map((names) => names.join()).sort()).toEqual(["", "access_logs_p2026_04,access_logs"]);
    });
    expect(await refreshStatistics(ctx)).toContain("access_logs_p2026_03");
  });

  it("are refreshed after a large cleanup, so that the planner expects the remaining rows", async () => {
    const may = "created_at >= '2026-05-01' and created_at < '2026-06-01'";
    await load("2026-05", 25_000);
    await refreshStatistics(ctx);
    expect(await plannedRows(may)).toBeGreaterThan(20_000);
    const { deleted_count } = await runCleanup(
      // 90 days after 20,000 of them.
      { ...ctx, now: () => new Date("2026-07-31T05:33:20Z") },
      {
        id: crypto.randomUUID(),
        params: { task_type: "access_logs", days_to_keep: 90, dry_run: false, archive: false, keep_restored: false },
        requestedBy: "test",
        attempt: 1,
        signal: new AbortController().signal,
        fence: UNFENCED,
        progress: () => {},
      },
    );
    expect(deleted_count).toBeGreaterThan(20_000);
    // PostgreSQL counts changes when the connection that made them closes.
    const afterRefresh = async () => {
      await refreshStatistics(ctx);
      return await plannedRows(may);
    };
    await expect.poll(afterRefresh).toBeLessThan(7_500);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { tableStats } from "./table-stats";

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await insertAccessLogs(
    ctx,
    Array.from({ length: 100 }, (_, n) => ({
      ip_address: "203.0.113.7",
      request_path: `/${n}`,
      created_at: n < 40 ? "2026-03-31T23:59:59.999999Z" : "2026-04-01T00:00:00Z",
    })),
  );
  await ctx.db.sql`analyze access_logs`;
});

afterAll(() => test.close());

describe("The statistics of a table", () => {
  it("report rows, time range, sizes, partitions and indexes", async () => {
    const stats = await tableStats(ctx, "access_logs");
    expect(stats).toMatchObject({
      table_name: "access_logs",
      row_count: 100,
      row_count_is_exact: true,
      oldest: "2026-03-31T23:59:59.999999Z",
      newest: "2026-04-01T00:00:00.000000Z",
    });
    expect(stats.total_bytes).toBe(stats.table_bytes + stats.index_bytes);
    expect(stats.partitions.reduce((sum, partition) => sum + partition.bytes, 0)).toBe(stats.total_bytes);
    expect(stats.partitions.find(({ name }) => name === "access_logs_p2026_03")).toMatchObject({
      from: "2026-03-01T00:00:00.000000Z",
      to: "2026-04-01T00:00:00.000000Z",
      row_count: 40,
    });
    expect(stats.indexes.map(({ name }) => name)).toContain("access_logs_pkey");
    expect(stats.indexes.every(({ is_required, unused }) => is_required && !unused)).toBe(true);
    expect(stats.last_analyze).not.toBeNull();
  });

  it("report an index as unused after a week without scans, and none that the product needs as dispensable", async () => {
    await ctx.db.sql`create index own_idx on access_logs (country)`;
    await ctx.db.sql`create index used_idx on access_logs (region)`;
    const unused = async () => {
      const { indexes } = await tableStats(ctx, "access_logs");
      return indexes.filter((index) => index.unused && !index.is_required).map(({ name }) => name);
    };
    const measure = (days: number) => ctx.db.sql`
      insert into metrics (grain, at, name, label, count, sum, min, max)
      select 'hour', date_trunc('hour', now()) - hour * interval '1 hour', 'index_scans', name, 1, scans, scans, scans
      from generate_series(0, ${days * 24}::int) as hour
      cross join lateral (values
        ('own_idx', case when hour > 60 then 9 else 4 end),
        ('used_idx', case when hour > 60 then 3 else 4 end),
        ('access_logs_values_idx', 0)
      ) as index (name, scans)
      on conflict do nothing`;
    await measure(6);
    expect(await unused()).toEqual([]);
    // A dropped partition lowers the sum; a scan raises it.
    await measure(7);
    await measure(8);
    expect(await unused()).toEqual(["own_idx"]);
    await ctx.db.sql`select pg_stat_reset()`;
    await expect.poll(unused).toEqual([]);
    expect((await tableStats(ctx, "access_logs")).statistics_reset_at).not.toBeNull();
    await ctx.db.sql`drop index own_idx, used_idx`;
    await ctx.db.sql`analyze access_logs`;
  });

  it("of an empty table are zero and null", async () => {
    expect(await tableStats(ctx, "user_activities")).toMatchObject({
      table_name: "user_activity_logs",
      row_count: 0,
      row_count_is_exact: true,
      oldest: null,
      newest: null,
    });
  });

  it("do not wait for a cleanup that locks a partition, and do not block one", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isLocked = () => {};
    const locked = new Promise<void>((resolve) => {
      isLocked = resolve;
    });
    const cleanup = ctx.db.sql.begin(async (tx) => {
      await tx`lock table access_logs_p2026_03 in access exclusive mode`;
      isLocked();
      await released;
    });
    await locked;
    const stats = await tableStats(ctx, "access_logs");
    expect(stats).toMatchObject({ row_count: 100, row_count_is_exact: false, oldest: "2026-04-01T00:00:00.000000Z" });
    expect(stats.table_bytes).toBeGreaterThan(0);
    release();
    await cleanup;
    await ctx.db.sql.begin(async (tx) => {
      await tx`set local lock_timeout = '100ms'`;
      await Promise.all([tableStats(ctx, "access_logs"), tx`lock table access_logs_p2026_03 in access exclusive mode`]);
    });
  });
});

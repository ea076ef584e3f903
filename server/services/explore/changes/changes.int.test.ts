import { expect, it } from "vitest";
import { ensurePartitions } from "@/server/db/partitions";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import { changesQuery } from "../contract";
import { explorer } from "../explorer";

let ctx: Context;
setUpContext(async (context) => {
  ctx = context;
});

/** Two hours with the same traffic; `failing` of the second fail on one route, `flood` come from one address. */
async function fill(day: string, failing: number, flood: number): Promise<void> {
  await ensurePartitions(ctx.db.sql, "access_logs", [day.slice(0, 7)]);
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, status_code, response_time, browser, region, extra)
    select gen_random_uuid(), ${`${day}T08:00:00Z`}::timestamptz + n * interval '3 seconds',
      ('10.0.' || n % 7 || '.' || n % 90)::inet, '/api/' || (array['cases', 'pay/' || n, 'users', 'files'])[1 + n % 4],
      case when n >= 1200 and n % 4 = 1 and n % 100 < ${failing} then 502 when n % 97 = 0 then 500 else 200 end,
      20 + n % 53, 'Browser ' || n % 5, 'Region ' || n % 6, jsonb_build_object('shop', 'S' || n % 3)
    from generate_series(0, 2399) as n`;
  await ctx.db.sql`
    insert into access_logs (id, created_at, ip_address, request_path, status_code, response_time, browser, region)
    select gen_random_uuid(), ${`${day}T09:00:01Z`}::timestamptz + n * interval '2 seconds', '203.0.113.9',
      '/api/cases', 200, 20 + n % 53, 'Browser ' || n % 5, 'Region ' || n % 6
    from generate_series(1, ${flood}::int) as n`;
}

const ask = async (day: string) =>
  await explorer(ctx, COMMAND_LINE).changes(
    changesQuery.parse({ table: "access_logs", window: { start: `${day}T09:00:00Z`, end: `${day}T10:00:00Z` } }),
  );

it("names the route that fails, with its share of errors now and before", async () => {
  await fill("2026-03-02", 90, 0);
  const { findings, rows_now, rows_before } = await ask("2026-03-02");
  expect([rows_now, rows_before]).toEqual([1200, 1200]);
  expect(findings[0]).toMatchObject({
    kind: "errors",
    field: "route",
    value: "/api/pay/:id",
    rows_filter: "status_code:5xx",
  });
  expect(findings[0]?.share_now).toBeGreaterThan(0.9);
  expect(findings[0]?.share_before).toBeLessThan(0.4);
});

it("names the address that floods", async () => {
  await fill("2026-03-04", 0, 900);
  const { findings } = await ask("2026-03-04");
  expect(findings[0]).toMatchObject({
    kind: "rows",
    field: "ip_address",
    value: "203.0.113.9",
    rows_now: 900,
    rows_before: 0,
  });
});

it("reports that nothing stands out in an hour like the one before, and in one without rows", async () => {
  await fill("2026-03-06", 0, 0);
  expect((await ask("2026-03-06")).findings).toEqual([]);
  expect((await ask("2026-03-20")).findings).toEqual([]);
});

it("refuses a window that ends before it starts", async () => {
  const window = { start: "2026-03-02T10:00:00Z", end: "2026-03-02T09:00:00Z" };
  await expect(
    explorer(ctx, COMMAND_LINE).changes(changesQuery.parse({ table: "access_logs", window })),
  ).rejects.toMatchObject({ code: "request.invalid" });
});

import { beforeAll, describe, expect, it } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { explorer } from "@/server/services/explore";
import { exploreQuery } from "@/server/services/explore/contract";
import { insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { setUpContext } from "@/server/testing/context";
import { trafficOverview } from "../traffic";
import { countAllTraffic, takeDirtyHours } from "../traffic/count-traffic";
import { filteredActivities } from "./filtered-activities";
import { filteredTraffic } from "./filtered-traffic";

const HOUR_MS = 3_600_000;
const RANGE = { start: "2026-10-02T00:10:00.000000Z", end: "2026-10-03T20:00:00.000000Z" };
const ERRORS = { filter: "status_code:5xx" };
const EVERYTHING = { filter: "request_path:*" };

let ctx: Context;
setUpContext(
  (context) => {
    ctx = context;
  },
  { env: { APP_TIMEZONE: "Asia/Kolkata" } },
);

/** Every path, user and region has another number of rows. */
function rowsOf(count: number, offset: number) {
  return Array.from({ length: count }, (_, n) => {
    const rank = Math.floor(Math.sqrt(n));
    return {
      created_at: new Date(Date.parse(RANGE.start) + ((n * 37 + offset) % 43) * HOUR_MS + n * 61_000).toISOString(),
      ip_address: "203.0.113.7",
      request_path: `/cases/${rank}`,
      user_id: rank === 0 ? undefined : `u${rank}`,
      country: rank % 5 === 0 ? undefined : "CN",
      region: rank % 3 === 0 ? "" : `r${rank}`,
      status_code: [200, 200, 404, 500, undefined][n % 5],
      response_time: n % 7 === 0 ? undefined : n % 211,
    };
  });
}

const rows = [...rowsOf(400, 0), ...rowsOf(170, 9)];

beforeAll(async () => {
  await insertAccessLogs(ctx, rows.slice(0, 400));
  await insertUserActivities(
    ctx,
    rows.slice(0, 90).map(({ created_at, user_id }, n) => ({
      created_at,
      // An activity has a user.
      user_id: user_id ?? "u0",
      action: n % 3 === 0 ? `a${n % 20}` : "view",
      resource_type: n % 2 === 0 ? "case" : "file",
    })),
  );
  await writeAllSegments(ctx);
  // Rows that arrive after segments were written make their hours dirty.
  await insertAccessLogs(ctx, rows.slice(400));
  await takeDirtyHours(ctx);
  await countAllTraffic(ctx);
});

const filtered = (filters: Record<string, string>) => filteredTraffic(ctx, COMMAND_LINE, RANGE, filters);
const byCount = (one: { value: string; rows: number }, other: { value: string; rows: number }) =>
  other.rows - one.rows || (one.value < other.value ? -1 : 1);

describe("The overview", () => {
  it("with a filter that every request matches has the same counts as without one, also in changed hours", async () => {
    const stored = await trafficOverview(ctx, RANGE);
    const computed = await filtered(EVERYTHING);
    expect(stored.requests).toBeGreaterThan(300);
    expect([computed.step, computed.requests]).toEqual([stored.step, stored.requests]);
    expect(computed.points.map(({ p50: _, p95: __, ...point }) => point)).toEqual(
      stored.points.map(({ p50: _, p95: __, activities: ___, users: ____, ...point }) => point),
    );
    for (const list of ["paths", "users", "regions"] as const) {
      const [one, other] = [computed[list], stored[list]];
      expect([one.none, one.others, one.distinct]).toEqual([other.none, other.others, other.distinct]);
      const counts = (values: typeof one.values) => values.map(({ value, rows: count }) => ({ value, rows: count }));
      expect(counts(one.values).sort(byCount)).toEqual(counts(other.values).sort(byCount));
    }
    expect(computed.slowest.map(({ value, rows: count }) => [value, count])).toEqual(
      stored.slowest.map(({ value, rows: count }) => [value, count]),
    );
  });

  it("agrees with Explore to the row, with and without a filter", async () => {
    const [stored, computed] = [await trafficOverview(ctx, RANGE), await filtered(ERRORS)];
    const end_date = new Date(Date.parse(stored.points.at(-1)?.end ?? "") - 1).toISOString().replace("Z", "999Z");
    const ask = async (filters: Record<string, string>, group: string) => {
      const start_date = stored.points[0]?.at ?? "";
      const query = { table: "access_logs", filters, start_date, end_date, group_by: [group], limit: 1_000 };
      return await explorer(ctx, COMMAND_LINE).query(exploreQuery.parse(query));
    };
    for (const [traffic, filters] of [
      [stored, {}],
      [computed, ERRORS],
    ] as const) {
      for (const [list, column] of [
        ["paths", "request_path"],
        ["users", "user_id"],
      ] as const) {
        const answer = await ask(filters, column);
        const counts = new Map(answer.rows.map(([value, count]) => [value, count]));
        expect(traffic.requests).toBe(answer.rows_matched);
        expect(traffic[list].values.map(({ value, rows: count }) => [value, count])).toEqual(
          traffic[list].values.map(({ value }) => [value, counts.get(value)]),
        );
        expect(traffic[list].none).toBe(counts.get(null) ?? 0);
      }
    }
    const inRange = rows.filter(
      ({ created_at, status_code }) =>
        status_code === 500 && created_at >= (stored.points[0]?.at ?? "") && created_at <= end_date,
    );
    expect(computed.requests).toBe(inRange.length);
    expect(computed.points.reduce((sum, { classes }) => sum + (classes["5xx"] ?? 0), 0)).toBe(inRange.length);
  });

  it("filters activities apart from requests, and has the same counts as without a filter that all match", async () => {
    const stored = await trafficOverview(ctx, RANGE);
    const all = await filteredActivities(ctx, COMMAND_LINE, RANGE, { filter: "action:*" });
    const counts = (points: readonly { at: string; activities: number }[]) =>
      points.map(({ at, activities }) => [at, activities]);
    expect(counts(all.points)).toEqual(counts(stored.points));
    const byAction = ({ values }: typeof stored.actions) =>
      values.map(({ value, rows: count }) => ({ value, rows: count })).sort(byCount);
    expect(byAction(all.actions)).toEqual(byAction(stored.actions));
    expect([all.actions.none, all.actions.others]).toEqual([stored.actions.none, stored.actions.others]);
    const cases = await filteredActivities(ctx, COMMAND_LINE, RANGE, { resource_type: "case" });
    expect(cases.points.reduce((sum, { activities }) => sum + activities, 0)).toBe(45);
  });

  it("refuses filters on masked fields for viewers", async () => {
    const viewer = { kind: "user", id: "8", name: "v", role: "viewer" } as const;
    await expect(filteredTraffic(ctx, viewer, RANGE, { ip_address: "203.0.113.7" })).rejects.toMatchObject({
      code: "privacy.masked_filter",
    });
  });
});

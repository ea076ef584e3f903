import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { ensurePartitions } from "@/server/db/partitions";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { takeDirtyHours } from "@/server/services/overview";
import { writeAllSegments } from "@/server/services/segments/write-all";
import { setUpContext } from "@/server/testing/context";
import "@/server/testing/property-seed";
import { computeAnswer } from "@/server/testing/explore/compute-answer";
import { type ExploredRow, randomQuery, randomRows } from "@/server/testing/explore/random-queries";
import { type ExploreInput, exploreQuery } from "./contract";
import { explorer } from "./explorer";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const RUNS = Number(process.env.EXPLORE_RUNS ?? 8);
/** Both changes of clocks in New York in 2026. */
const CHANGES = [Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6)];

let rows: readonly ExploredRow[] = [];

beforeAll(async () => {
  rows = randomRows(CHANGES);
  for (const month of ["2026-02", "2026-03", "2026-10", "2026-11"])
    await ensurePartitions(ctx.db.sql, "access_logs", [month]);
  const insert = async (some: readonly ExploredRow[]) => {
    await ctx.db.sql`
      insert into access_logs (id, created_at, ip_address, request_path, user_agent, referer, user_id, status_code, response_time, extra)
      select (row ->> 'id')::uuid, (row ->> 'created_at')::timestamptz, (row ->> 'ip_address')::inet, row ->> 'request_path',
        row ->> 'user_agent', row ->> 'referer', row ->> 'user_id', (row ->> 'status_code')::int,
        (row ->> 'response_time')::int, (row ->> 'extra')::jsonb
      from jsonb_array_elements(${JSON.stringify(some)}::text::jsonb) as row`;
    await ctx.db.sql`insert into dirty_ranges (log_table, starts_at, ends_at)
      select 'access_logs', (row ->> 'created_at')::timestamptz, (row ->> 'created_at')::timestamptz + interval '1 microsecond'
      from jsonb_array_elements(${JSON.stringify(some)}::text::jsonb) as row`;
  };
  // Rows that arrive after segments were written make their hours dirty.
  await insert(rows.filter((_, index) => index % 12 !== 0));
  expect(await writeAllSegments(ctx)).toBe(true);
  await insert(rows.filter((_, index) => index % 12 === 0));
  await takeDirtyHours(ctx);
});

const ask = async (query: ExploreInput) => await explorer(ctx, COMMAND_LINE).query(exploreQuery.parse(query));

it("answers every query exactly as the rows themselves do, digit for digit", async () => {
  await fc.assert(
    fc.asyncProperty(randomQuery(CHANGES), async (query) => {
      const answer = await ask(query);
      const { columns, rows: found, others, others_by_time, totals, group_count, rows_matched } = answer;
      expect({
        columns: columns.map(({ name }) => name),
        rows: found,
        others,
        others_by_time,
        totals,
        group_count,
        rows_matched,
      }).toEqual(computeAnswer(rows, exploreQuery.parse(query)));
    }),
    { numRuns: RUNS },
  );
}, 3_600_000);

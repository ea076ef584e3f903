import { expect, test } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { takeDirtyHours } from "@/server/services/overview";
import { setUpContext } from "@/server/testing/context";
import { type Coverage, coverageOf } from "./coverage";
import { SEGMENT_LAYOUT } from "./layout-version";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

const ID = "00000000-0000-4000-8000-000000000001";
const at = (hour: number, minute = 0) =>
  `2026-05-01T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00.000000Z`;
const range = (from: number, to: number) => ({ from: at(from), to: at(to) });
const store = (...hours: number[]) =>
  insertAccessLogs(
    ctx,
    hours.map((hour) => ({ ip_address: "203.0.113.7", request_path: `/${Math.random()}`, created_at: at(hour, 30) })),
  );

async function read(query?: { from: string; before: string }) {
  const { parts, dirty }: Coverage = await ctx.db.read.transaction((tx) => coverageOf(ctx, tx, "access_logs", query), {
    isolationLevel: "repeatable read",
  });
  return { parts: parts.map(({ segment, ranges, rowCount }) => ({ id: segment.id, ranges, rowCount })), dirty };
}

const clean = (hours: number[]) =>
  ctx.db.sql`
    update segment_hours set dirty_seq = null, segment_id = ${ID}, row_count = 1
    where hour = any(${hours.map((hour) => at(hour))}::timestamptz[])`;

test("Rows are read from segments for the hours that have not changed since, and from PostgreSQL for all others", async () => {
  expect(await read({ from: at(1), before: at(9) })).toEqual({ parts: [], dirty: [range(1, 9)] });
  await ctx.db.sql`insert into segment_layouts (log_table, layout) values ('access_logs', ${SEGMENT_LAYOUT})`;
  expect(await read()).toEqual({ parts: [], dirty: [] });

  // Marks that are not taken yet, and hours that are.
  await store(1, 2, 3, 7);
  expect(await read()).toEqual({ parts: [], dirty: [range(1, 8)] });
  await takeDirtyHours(ctx);
  expect(await read()).toEqual({ parts: [], dirty: [range(1, 8)] });

  await ctx.db.sql`
    insert into segments (id, log_table, store, path, starts_at, ends_at, row_count, size_bytes, sha256, layout)
    values (${ID}, 'access_logs', ${ctx.files.current.id}, 'segments/x', ${at(1)}, ${at(8)}, 4, 10, 'x', ${SEGMENT_LAYOUT})`;
  await clean([1, 2, 7]);
  expect(await read()).toEqual({
    parts: [{ id: ID, ranges: [range(4, 8), range(1, 3)], rowCount: 3 }],
    dirty: [range(3, 4)],
  });
  expect(await read({ from: at(2, 30), before: at(7, 15) })).toEqual({
    parts: [
      {
        id: ID,
        ranges: [
          { from: at(4), to: at(7, 15) },
          { from: at(2, 30), to: at(3) },
        ],
        rowCount: 2,
      },
    ],
    dirty: [range(3, 4)],
  });

  // An hour of a segment that gets a row, before and after its mark is taken.
  await clean([3]);
  expect(await read()).toEqual({ parts: [{ id: ID, ranges: [range(1, 8)], rowCount: 4 }], dirty: [] });
  await store(2);
  const divided = { parts: [{ id: ID, ranges: [range(3, 8), range(1, 2)], rowCount: 3 }], dirty: [range(2, 3)] };
  expect(await read()).toEqual(divided);
  await takeDirtyHours(ctx);
  expect(await read()).toEqual(divided);

  // A segment that this process cannot read.
  await ctx.db.sql`update segments set store = 'disk:other'`;
  expect(await read()).toEqual({ parts: [], dirty: [range(1, 8)] });
  await ctx.db.sql`update segments set store = ${ctx.files.current.id}, layout = ${SEGMENT_LAYOUT + 1}`;
  expect(await read()).toEqual({ parts: [], dirty: [range(1, 8)] });
});

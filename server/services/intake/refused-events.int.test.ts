import { describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { deadLetterGroups } from "@/server/services/dead-letters";
import { setUpIntake } from "@/server/testing/intake";
import { insertAccessLogs } from "./insert";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const visit = { ip_address: "203.0.113.7", request_path: "/cases", created_at: "2026-11-05T10:00:00.123456Z" };
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

describe("insertAccessLogs", () => {
  it("finds rows that only the database rejects by bisection, and names the field", async () => {
    await ctx.db.sql`alter table access_logs add constraint no_teapots check (status_code <> 418)`;
    try {
      const events = Array.from({ length: 300 }, (_, n) => ({
        ...visit,
        id: uuid(n),
        status_code: n === 77 || n === 201 ? 418 : 200,
      }));
      expect(await insertAccessLogs(ctx, events)).toMatchObject({ inserted: 298, rejected: 2 });
      const groups = await deadLetterGroups(ctx, {});
      expect(groups).toMatchObject([
        { queue: "access_logs", error: { code: "event.refused", params: { field: "row", code: "23514" } }, count: 2 },
      ]);
    } finally {
      await ctx.db.sql`alter table access_logs drop constraint no_teapots`;
    }
  });

  it("isolates an event that PostgreSQL rejects for another reason, and stores the rest of its batch", async () => {
    await ctx.db.sql`
      create function refuse_teapots() returns trigger language plpgsql as $$
      begin
        if new.status_code = 418 then raise 'no teapots' using errcode = 'XX000'; end if;
        return new;
      end $$`;
    await ctx.db.sql`
      create trigger teapots before insert on access_logs for each row execute function refuse_teapots()`;
    try {
      const events = Array.from({ length: 300 }, (_, n) => ({
        ...visit,
        id: uuid(n),
        status_code: n === 77 ? 418 : 200,
      }));
      expect(await insertAccessLogs(ctx, events)).toMatchObject({ inserted: 299, rejected: 1 });
      expect(await deadLetterGroups(ctx, {})).toMatchObject([
        { error: { code: "event.refused", params: { field: "row", code: "XX000" } }, count: 1 },
      ]);
    } finally {
      await ctx.db.sql`drop function refuse_teapots cascade`;
    }
  });

  it("creates no dead letters when a table rejects all events", async () => {
    await ctx.db.sql`
      create function fail() returns trigger language plpgsql as $$ begin raise 'broken' using errcode = 'XX000'; end $$`;
    await ctx.db.sql`create trigger broken before insert on access_logs for each row execute function fail()`;
    try {
      await expect(insertAccessLogs(ctx, [visit, { ...visit, request_path: "/other" }])).rejects.toMatchObject({
        code: "XX000",
      });
      expect(await deadLetterGroups(ctx, {})).toEqual([]);
    } finally {
      await ctx.db.sql`drop function fail cascade`;
    }
  });

  it("rejects the events of a month whose partition cannot be created, and stores the others", async () => {
    await ctx.db.sql`create table access_logs_p1999_05 (in_the_way int)`;
    try {
      const events = [visit, { ...visit, created_at: "1999-05-05T00:00:00Z" }];
      expect(await insertAccessLogs(ctx, events)).toMatchObject({ inserted: 1, rejected: 1 });
    } finally {
      await ctx.db.sql`drop table access_logs_p1999_05`;
    }
  });

  it("stores the beginning of an event whose dead letter PostgreSQL rejects too", async () => {
    await ctx.db.sql`alter table dead_letters add constraint ascii_only check (payload !~ '[^ -~]')`;
    try {
      const events = [{ ...visit, request_path: "/登录", status_code: "abc" }, { ...visit, status_code: "abc" }, visit];
      expect(await insertAccessLogs(ctx, events)).toMatchObject({ inserted: 1, rejected: 2 });
      const letters = await ctx.db.sql<{ payload: string }[]>`select payload from dead_letters order by payload`;
      expect(letters.map(({ payload }) => payload)).toEqual([
        expect.stringContaining("\\u767b\\u5f55"),
        expect.stringContaining("abc"),
      ]);
    } finally {
      await ctx.db.sql`alter table dead_letters drop constraint ascii_only`;
    }
  });
});

import { describe, expect, it } from "vitest";
import { type LogTableName, logTables } from "@/server/catalog";
import { renderError } from "@/server/lib/error-text";
import type { Context } from "@/server/process/context";
import { listDeadLetters } from "@/server/services/dead-letters";
import { setUpIntake } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import { insertAccessLogs, insertUserActivities, storeClaim } from "./insert";
import { foldCounters } from "./store/counters";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const visit = { ip_address: "203.0.113.7", request_path: "/cases", created_at: "2026-11-05T10:00:00.123456Z" };
const login = { user_id: "u1", action: "login", created_at: "2026-11-05T10:00:00Z" };
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

async function rows(table: LogTableName) {
  return await ctx.db.sql.unsafe(`select * from ${logTables[table].tableName} order by created_at, id`);
}

describe("insertAccessLogs", () => {
  it("stores an event with its microseconds and the fields of its user agent", async () => {
    const chrome =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
    const result = await insertAccessLogs(ctx, [
      { ...visit, id: uuid(1), user_agent: chrome, court: "朝阳区人民法院" },
    ]);
    expect(result).toEqual({ received: 1, inserted: 1, duplicates: 0, rejected: 0, dropped: 0, errors: [] });
    expect(await rows("access_logs")).toMatchObject([
      {
        id: uuid(1),
        created_at: "2026-11-05 10:00:00.123456+00",
        ip_address: "203.0.113.7",
        device_type: "desktop",
        browser: "Chrome 126",
        os: "Windows 10",
        extra: { court: "朝阳区人民法院" },
      },
    ]);
  });

  it("stores a repeated event once, with an id and without", async () => {
    const withId = { ...visit, id: uuid(1) };
    await insertAccessLogs(ctx, [withId, withId]);
    const again = await insertAccessLogs(ctx, [withId]);
    expect(again).toMatchObject({ inserted: 0, duplicates: 1 });

    await insertAccessLogs(ctx, [visit, { ...visit, request_path: "/other" }]);
    expect(await insertAccessLogs(ctx, [visit])).toMatchObject({ inserted: 0, duplicates: 1 });
    expect(await rows("access_logs")).toHaveLength(3);
  });

  it("stores equal events of one call separately", async () => {
    expect(await insertAccessLogs(ctx, [visit, visit, visit])).toMatchObject({ inserted: 3 });
  });

  it("recognizes an event by its id when it has no time", async () => {
    const undated = { ip_address: "203.0.113.7", request_path: "/", id: uuid(9) };
    expect(await insertAccessLogs(ctx, [undated])).toMatchObject({ inserted: 1 });
    expect(await insertAccessLogs(ctx, [undated])).toMatchObject({ inserted: 0, duplicates: 1 });
  });

  it("accepts an id that is not a UUID, and stores it", async () => {
    const event = { ...visit, event_id: "evt_42" };
    await insertAccessLogs(ctx, [event]);
    expect(await insertAccessLogs(ctx, [event])).toMatchObject({ duplicates: 1 });
    expect(await rows("access_logs")).toMatchObject([{ extra: { event_id: "evt_42" } }]);
  });

  it("stores events of 1971 and of 2099, creating their partitions", async () => {
    const result = await insertAccessLogs(ctx, [
      { ...visit, created_at: "1971-03-01T00:00:00Z" },
      { ...visit, created_at: "2099-12-31T23:59:59.999999Z" },
    ]);
    expect(result).toMatchObject({ inserted: 2, rejected: 0 });
    const partitions = await ctx.db.sql`select tableoid::regclass::text as name from access_logs order by 1`;
    expect(partitions.map((row) => row.name)).toEqual(["access_logs_p1971_03", "access_logs_p2099_12"]);
  });

  it("succeeds when a partition was dropped concurrently", async () => {
    await insertAccessLogs(ctx, [{ ...visit, created_at: "2011-01-01T00:00:00Z" }]);
    await ctx.db.sql`drop table access_logs_p2011_01`;
    expect(await insertAccessLogs(ctx, [{ ...visit, created_at: "2011-01-02T00:00:00Z" }])).toMatchObject({
      inserted: 1,
    });
  });

  it("creates a partition that many batches need only once", async () => {
    const calls = Array.from({ length: 5 }, (_, n) =>
      insertAccessLogs(ctx, [{ ...visit, id: uuid(n), created_at: "2001-07-01T00:00:00Z" }]),
    );
    for (const result of await Promise.all(calls)) expect(result.inserted).toBe(1);
  });

  it("does not deadlock when more batches than connections need new partitions", async () => {
    const calls = Array.from({ length: 30 }, (_, n) =>
      insertAccessLogs(ctx, [{ ...visit, id: uuid(n), created_at: `2002-0${1 + (n % 9)}-01T00:00:00Z` }]),
    );
    for (const result of await Promise.all(calls)) expect(result.inserted).toBe(1);
  });

  it("uses event_id when id is present but empty", async () => {
    for (const id of [null, ""]) {
      await insertAccessLogs(ctx, [{ ...visit, event_id: uuid(7), id }]);
      await insertAccessLogs(ctx, [{ ...visit, id, event_id: uuid(7) }]);
    }
    expect(await rows("access_logs")).toMatchObject([{ id: uuid(7) }]);
  });

  it("stores the valid rows of a hostile batch, and each invalid one as a dead letter that names the field", async () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 10_000; level++) deep = { deep };
    const good = [
      { ...visit, id: uuid(1), request_path: "/nul\u0000byte", referer: "lone \ud800 surrogate" },
      { ...visit, id: uuid(2), user_agent: "x".repeat(250_000) },
      { ...visit, id: uuid(3), request_path: `/${"长".repeat(5_000)}` },
      { ...visit, id: uuid(4), ...Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`column_${n}`, n])) },
      { ...visit, id: uuid(5), note: { text: "\u0000 and \\u0000 and \udfff" } },
      { ...visit, id: uuid(6), request_path: "'); drop table access_logs; --", referer: '{"a","b\\"}' },
      JSON.parse(
        `{"ip_address":"203.0.113.7","request_path":"/","created_at":"2026-11-05T10:00:00Z","__proto__":{"role":"admin"}}`,
      ),
    ];
    const bad: [unknown, string][] = [
      [{ ...visit, request_method: "M".repeat(300) }, "request_method: longer than 10 characters"],
      [{ ...visit, status_code: "abc" }, "status_code: not a whole number"],
      [{ ...visit, status_code: 99_999 }, "status_code: not between 0 and 999"],
      [{ ...visit, created_at: "0000-00-00" }, "created_at: not a date and time"],
      [{ ...visit, created_at: "0001-01-01T00:00:00Z" }, "created_at: year not between 1970 and 2100"],
      [{ ...visit, ip_address: "999.1.1.1" }, "ip_address: not an IP address"],
      [{ ...visit, request_path: { a: 1 } }, "request_path: not text"],
      [{ ...visit, deep }, "extra: nested deeper than 100 levels"],
      [{ ip_address: "203.0.113.7" }, "request_path: missing"],
      [{ ...visit, user_agent: "x".repeat(1_000_000) }, "event: longer than 256 KB; only the beginning was stored"],
      [[visit], "event: not a JSON object"],
      ["text", "event: not a JSON object"],
      [null, "event: not a JSON object"],
    ];
    const result = await insertAccessLogs(ctx, [...good, ...bad.map(([event]) => event)]);
    expect(result).toMatchObject({ received: good.length + bad.length, inserted: good.length, rejected: bad.length });
    expect(result.errors.map(({ error }) => renderError(error))).toEqual(bad.map(([, reason]) => reason));
    expect(result.errors[0]?.line).toBe(good.length + 1);

    const stored = await rows("access_logs");
    const byId = new Map(stored.map((row) => [row.id, row]));
    expect(byId.get(uuid(1))).toMatchObject({ request_path: "/nul\ufffdbyte", referer: "lone \ufffd surrogate" });
    expect(byId.get(uuid(2))?.user_agent).toHaveLength(250_000);
    expect(byId.get(uuid(4))?.extra).toMatchObject({ column_0: 0, column_99: 99 });
    expect(byId.get(uuid(5))?.extra).toEqual({ note: { text: "\ufffd and \\u0000 and \ufffd" } });
    expect(byId.get(uuid(6))).toMatchObject({ request_path: "'); drop table access_logs; --", referer: '{"a","b\\"}' });
    expect(stored.some((row) => row.extra && Object.hasOwn(row.extra, "__proto__"))).toBe(true);

    const { items } = await listDeadLetters(ctx, { queue: "access_logs", limit: 100 });
    expect(items.map((letter) => renderError(letter.error)).sort()).toEqual(bad.map(([, reason]) => reason).sort());
    expect(JSON.parse(items.find((letter) => letter.error.code === "event.not_whole_number")?.payload ?? "")).toEqual({
      ...visit,
      status_code: "abc",
    });
    await intakeSums(ctx, "access_logs");
  });

  it("stores more events than fit in one batch, on two connections, with the right counts", async () => {
    const events = Array.from({ length: 7_001 }, (_, n) => ({ ...visit, id: uuid(n) }));
    expect(await insertAccessLogs(ctx, [...events, ...events.slice(0, 99)])).toMatchObject({
      received: 7_100,
      inserted: 7_001,
      duplicates: 99,
    });
    await foldCounters(ctx);
    expect(await intakeSums(ctx, "access_logs")).toEqual({
      received_total: 7_100,
      inserted_total: 7_001,
      duplicates_total: 99,
      dead_total: 0,
      dropped_total: 0,
    });
  });

  it("does not deadlock when batches contain the same events in different orders", async () => {
    const events = Array.from({ length: 2_000 }, (_, n) => ({ ...visit, id: uuid(n) }));
    const calls = [events, [...events].reverse(), events, [...events].reverse()].map((list) =>
      insertAccessLogs(ctx, list),
    );
    const inserted = (await Promise.all(calls)).map((result) => result.inserted);
    expect(inserted.reduce((a, b) => a + b)).toBe(2_000);
  });
});

describe("insertUserActivities", () => {
  it("parses details that are JSON text, and stores other text unchanged", async () => {
    await insertUserActivities(ctx, [
      { ...login, id: uuid(1), details: '{"case":"(2026)京01民初1号"}' },
      { ...login, id: uuid(2), details: "plain" },
      { ...login, id: uuid(3), details: "{not json" },
      { ...login, id: uuid(4), details: [1, 2] },
    ]);
    expect((await rows("user_activities")).map((row) => row.details)).toEqual([
      { case: "(2026)京01民初1号" },
      "plain",
      "{not json",
      [1, 2],
    ]);
  });

  it("stores all digits of a snowflake id", async () => {
    const payload = '{"user_id":1782345678901234567,"action":"login","details":{"order":1782345678901234999}}';
    const claim = { id: uuid(1), claimedAt: "2026-11-05T00:00:00.000000Z", payloads: [payload], attempt: 1 };
    await ctx.db.sql.begin((tx) => storeClaim(ctx, "user_activities", claim, tx));
    expect(await rows("user_activities")).toMatchObject([
      { user_id: "1782345678901234567", details: { order: "1782345678901234999" } },
    ]);
  });

  it("reads a time without an offset in APP_TIMEZONE, and seconds since 1970", async () => {
    await insertUserActivities(ctx, [
      { ...login, id: uuid(1), created_at: "2026-11-05 08:00:00" },
      { ...login, id: uuid(2), created_at: 1_793_836_800 },
    ]);
    expect((await rows("user_activities")).map((row) => row.created_at)).toEqual([
      "2026-11-05 00:00:00+00",
      "2026-11-05 00:00:00+00",
    ]);
  });
});

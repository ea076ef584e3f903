import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Sql } from "@/server/db/client";
import type { TestDatabase } from "@/server/testing/database";
import type { Claim, LogQueue } from "./log-queue";

export interface QueueUnderTest {
  readonly queue: LogQueue;
  readonly database: TestDatabase;
  close(): Promise<void>;
}

const ALL = { events: 10_000, bytes: 100_000_000 };
const numbered = (count: number, prefix = "e") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Sets the paused state of the access log queue, as an administrator would. */
export async function setPaused(sql: Sql, paused: boolean): Promise<void> {
  await sql`
    insert into queue_states (queue, paused, changed_at, changed_by)
    values ('access_logs', ${paused}, now(), 'test')
    on conflict (queue) do update set paused = excluded.paused`;
}

/** Defines the conformance suite, which each adapter runs against its real store. */
export function testLogQueue(open: () => Promise<QueueUnderTest>): void {
  let subject: QueueUnderTest;
  let queue: LogQueue;

  beforeAll(async () => {
    subject = await open();
    queue = subject.queue;
  });
  afterAll(() => subject.close());
  beforeEach(async () => {
    for (const name of ["access_logs", "user_activities"] as const) {
      while ((await queue.consume(name, ALL, async () => {})) > 0);
    }
  });

  const takeAll = async (limits = ALL): Promise<Claim[]> => {
    const claims: Claim[] = [];
    while ((await queue.consume("access_logs", limits, async (claim) => void claims.push(claim))) > 0);
    return claims;
  };

  test("events are consumed in the order in which they were pushed, for pushes of any size", async () => {
    await queue.push("access_logs", ["first", "second"]);
    await queue.push("access_logs", numbered(5_500));
    await queue.push("access_logs", []);
    await queue.push("access_logs", ["last"]);
    const claims = await takeAll({ events: 2_000, bytes: 100_000_000 });
    expect(claims.map((claim) => claim.payloads.length)).toEqual([2_000, 2_000, 1_503]);
    expect(claims.flatMap((claim) => claim.payloads)).toEqual(["first", "second", ...numbered(5_500), "last"]);
  });

  test("the next events are shown without being taken", async () => {
    expect(await queue.peek("access_logs", 20)).toEqual([]);
    await queue.push("access_logs", numbered(30));
    await queue.push("access_logs", ["长".repeat(300_000)]);
    const shown = await queue.peek("access_logs", 20);
    expect(shown.map(({ payload }) => payload)).toEqual(numbered(20));
    expect(shown[0]).toMatchObject({ bytes: 2 });
    const all = await queue.peek("access_logs", 100);
    expect(all.map(({ bytes }) => bytes)).toEqual([...numbered(30).map(({ length }) => length), 900_000]);
    expect((all.at(-1)?.payload ?? "").length).toBeLessThan(300_000);
    expect((await queue.depth("access_logs")).length).toBe(31);
    expect((await takeAll()).flatMap(({ payloads }) => payloads)).toHaveLength(31);
  });

  test("an empty queue returns nothing and does not call the handler", async () => {
    const handler = vi.fn();
    expect(await queue.consume("access_logs", ALL, handler)).toBe(0);
    expect(handler).not.toHaveBeenCalled();
    expect(await queue.depth("access_logs")).toMatchObject({ inFlight: [], oldestAgeSeconds: null });
  });

  test("large events form small claims, and one larger than the limit forms its own", async () => {
    await queue.push(
      "access_logs",
      [..."abcdef"].map((letter) => letter.repeat(1_000)),
    );
    await queue.push("access_logs", ["g".repeat(5_000_000), "h"]);
    const claims = await takeAll({ events: 100, bytes: 2_500 });
    expect(claims.map((claim) => claim.payloads.map((text) => text[0]).join(""))).toEqual(["abc", "def", "g", "h"]);
  });

  test("any text is returned unchanged: emoji, Chinese, line breaks, invalid JSON, an empty string", async () => {
    const texts = ['{"a":"\\u0000"}', "登录\r\n👩‍💻", "not json", "", '{"half', "\\N", "{a,b}", '"quoted"', "NULL"];
    await queue.push("access_logs", texts);
    expect((await takeAll()).flatMap((claim) => claim.payloads)).toEqual(texts);
  });

  test("an event with a NUL byte does not block other events", async () => {
    await queue.push("access_logs", ["before", "a\u0000b", "after"]);
    const [claim] = await takeAll();
    expect(claim?.payloads).toHaveLength(3);
    expect(claim?.payloads[1]).toMatch(/^a.b$/su);
  });

  test("each queue has its own events", async () => {
    await queue.push("user_activities", ["activity"]);
    expect(await takeAll()).toEqual([]);
    expect(await queue.consume("user_activities", ALL, async () => {})).toBe(1);
  });

  test("a failed batch is redelivered immediately with the same claim, time and order, and none of it is stored", async () => {
    await queue.push("access_logs", numbered(10));
    const seen: Claim[] = [];
    const failing = queue.consume("access_logs", ALL, async (claim, tx) => {
      seen.push(claim);
      await tx`insert into undated_events values ('failed', gen_random_uuid(), now())`;
      throw new Error("no room");
    });
    await expect(failing).rejects.toThrow("no room");
    await queue.push("access_logs", ["later"]);
    const again = await takeAll({ events: 10, bytes: 1_000_000 });
    expect(again[0]).toMatchObject({ ...seen[0], attempt: 2 });
    expect(again.flatMap((claim) => claim.payloads)).toEqual([...numbered(10), "later"]);
    const stored = await subject.database.db.sql`select 1 from undated_events where queue = 'failed'`;
    expect(stored).toHaveLength(0);
  });

  test("events are redelivered after PostgreSQL aborts the handler's transaction", async () => {
    await queue.push("access_logs", ["x"]);
    await expect(queue.consume("access_logs", ALL, async (_, tx) => void (await tx`select 1 / 0`))).rejects.toThrow(
      "division by zero",
    );
    expect((await takeAll()).flatMap((claim) => claim.payloads)).toEqual(["x"]);
  });

  test("the handler's writes are committed with the claim", async () => {
    await queue.push("access_logs", ["x"]);
    await queue.consume("access_logs", ALL, async (_, tx) => {
      await tx`insert into undated_events values ('committed', gen_random_uuid(), now())`;
    });
    expect(await subject.database.db.sql`select 1 from undated_events where queue = 'committed'`).toHaveLength(1);
    expect(await takeAll()).toEqual([]);
  });

  test("several consumers share the events, and no event is handled twice", async () => {
    const events = numbered(3_000);
    await queue.push("access_logs", events);
    const handled: string[] = [];
    const drain = async () => {
      const take = () =>
        queue.consume("access_logs", { events: 70, bytes: 1_000_000 }, async (claim) => {
          handled.push(...claim.payloads);
        });
      while ((await take()) > 0);
    };
    await Promise.all([drain(), drain(), drain()]);
    expect(handled.toSorted()).toEqual(events.toSorted());
  });

  test("a paused queue retains its events, and the other queue continues", async () => {
    const { sql } = subject.database.db;
    await queue.push("access_logs", ["held"]);
    await queue.push("user_activities", ["free"]);
    await setPaused(sql, true);
    const handler = vi.fn();
    expect(await queue.consume("access_logs", ALL, handler)).toBe(0);
    expect(handler).not.toHaveBeenCalled();
    expect(await queue.consume("user_activities", ALL, async () => {})).toBe(1);
    expect(await queue.depth("access_logs")).toMatchObject({ length: 1, inFlight: [] });
    await setPaused(sql, false);
    expect((await takeAll()).flatMap((claim) => claim.payloads)).toEqual(["held"]);
  });

  test("depth reports the waiting events, the events in flight and the age of the oldest event", async () => {
    await queue.push("access_logs", numbered(30));
    expect(await queue.depth("access_logs")).toMatchObject({ length: 30, inFlight: [] });
    await queue.consume("access_logs", { events: 10, bytes: 1_000_000 }, async () => {
      const depth = await queue.depth("access_logs");
      expect(depth.length).toBe(20);
      expect(depth.inFlight.map((claim) => claim.events)).toEqual([10]);
    });
    const after = await queue.depth("access_logs");
    expect(after).toMatchObject({ length: 20, inFlight: [] });
    expect(after.oldestAgeSeconds).toBeGreaterThanOrEqual(0);
    await vi.waitFor(
      async () => {
        expect((await queue.depth("access_logs")).oldestAgeSeconds).toBeGreaterThan(after.oldestAgeSeconds ?? 0);
      },
      { timeout: 60_000, interval: 50 },
    );
  });
}

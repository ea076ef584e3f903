import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "@/server/process/context";
import { insertAccessLogs } from "@/server/services/intake";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { tailLogs } from "./tail-logs";

let test: TestContext;
let ctx: Context;

beforeAll(async () => {
  test = await createTestContext();
  ctx = test.context;
  await insertAccessLogs(ctx, [event("/before")]);
});
afterAll(() => test.close());

function event(path: string, secondsAgo = 0) {
  return {
    ip_address: "203.0.113.7",
    request_path: path,
    status_code: path.includes("bad") ? 500 : 200,
    created_at: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
  };
}

/** Follows the table; each call of `next` waits for the next batch. */
async function follow(query: Parameters<typeof tailLogs>[2] = {}) {
  const stop = new AbortController();
  const batches = tailLogs(ctx, "access_logs", query, stop.signal);
  const next = async () => {
    const { value } = await batches.next();
    if (!value) throw new Error("the tail ended");
    return { ...value, paths: value.rows.map((row: Record<string, unknown>) => row.request_path) };
  };
  const first = await next();
  return {
    first,
    next,
    end: async () => {
      stop.abort();
      await batches.return(undefined);
    },
  };
}

describe("The tail of a log table", () => {
  it("starts with rows stored from now on, the newest last", async () => {
    const tail = await follow();
    expect(tail.first).toMatchObject({ rows: [], skipped: 0 });
    await insertAccessLogs(ctx, [event("/late", 30), event("/now")]);
    expect(await tail.next()).toMatchObject({ paths: ["/late", "/now"], skipped: 0 });
    await tail.end();
  });

  it("misses no row whose transaction ends after others that started later", async () => {
    const tail = await follow();
    let commit = () => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    const slow = ctx.db.sql.begin(async (tx) => {
      // In a savepoint, as in the intake: the row then has another transaction id than its transaction.
      await tx.savepoint(
        (inner) => inner`
          insert into access_logs (id, created_at, ip_address, request_path)
          values (gen_random_uuid(), now(), '203.0.113.9', '/slow')`,
      );
      await held;
    });
    await insertAccessLogs(ctx, [event("/quick")]);
    expect((await tail.next()).paths).toEqual(["/quick"]);
    await insertAccessLogs(ctx, [event("/quicker")]);
    expect((await tail.next()).paths).toEqual(["/quicker"]);
    commit();
    await slow;
    expect((await tail.next()).paths).toEqual(["/slow"]);
    await tail.end();
  });

  it("returns the newest 200 of a burst and counts the rest", async () => {
    const tail = await follow();
    const burst = Array.from({ length: 450 }, (_, n) => event(`/burst/${n}`, 450 - n < 200 ? 0 : 60));
    await insertAccessLogs(ctx, burst);
    const batch = await tail.next();
    expect([batch.rows.length, batch.skipped]).toEqual([200, 250]);
    await tail.end();
  });

  it("applies its filters", async () => {
    const tail = await follow({ filters: { status_code: "5xx" } });
    await insertAccessLogs(ctx, [event("/good"), event("/bad")]);
    expect((await tail.next()).paths).toEqual(["/bad"]);
    await tail.end();
  });

  it("resumes where a broken connection ended, without a missed row", async () => {
    const tail = await follow();
    await insertAccessLogs(ctx, [event("/one")]);
    const { horizon } = await tail.next();
    await tail.end();
    await insertAccessLogs(ctx, [event("/two")]);
    const again = await follow({ horizon });
    const paths: unknown[] = again.first.rows.map((row: Record<string, unknown>) => row.request_path);
    // The last rows before may be repeated while an older transaction runs. The page removes them by their keys.
    expect(paths.filter((path) => path !== "/one")).toEqual(["/two"]);
    await again.end();
  });
});

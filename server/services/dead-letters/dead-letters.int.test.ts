import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { ingest, insertAccessLogs, insertUserActivities } from "@/server/services/intake";
import { setUpIntake } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import { deadLetterReader } from "./dead-letter-reader";
import { discardDeadLetters, listDeadLetters } from "./dead-letters";
import { replayDeadLetters } from "./replay";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const visit = { ip_address: "203.0.113.7", request_path: "/cases", created_at: "2026-11-05T10:00:00.123456Z" };

describe("A dead letter", () => {
  it("becomes a row when it is edited and replayed, and the counters stay balanced", async () => {
    await insertAccessLogs(ctx, [{ ...visit, status_code: "abc" }, visit]);
    const [letter] = (await listDeadLetters(ctx, { limit: 10 })).items;
    const edited = JSON.stringify({ ...visit, status_code: 404 });
    const failed = await replayDeadLetters(ctx, { ids: [letter?.id ?? ""] }, COMMAND_LINE);
    expect(failed).toMatchObject({
      replayed: 0,
      still_dead: 1,
      errors: [{ error: { code: "event.not_whole_number", params: { field: "status_code" } } }],
    });
    expect((await listDeadLetters(ctx, { limit: 10 })).items[0]?.attempts).toBe(2);

    expect(await replayDeadLetters(ctx, { ids: [letter?.id ?? ""] }, COMMAND_LINE, edited)).toMatchObject({
      replayed: 1,
      inserted: 1,
    });
    expect((await listDeadLetters(ctx, { limit: 10 })).items).toEqual([]);
    expect(await intakeSums(ctx, "access_logs")).toEqual({
      received_total: 2,
      inserted_total: 2,
      duplicates_total: 0,
      dead_total: 0,
      dropped_total: 0,
    });
    await expect(replayDeadLetters(ctx, { ids: [letter?.id ?? ""] }, COMMAND_LINE)).rejects.toMatchObject({
      kind: "NOT_FOUND",
    });
  });

  it("for the same event again increments its attempts", async () => {
    await insertAccessLogs(ctx, [{ ...visit, status_code: "abc" }]);
    await insertAccessLogs(ctx, [{ ...visit, status_code: "abc" }]);
    const { items } = await listDeadLetters(ctx, { limit: 10 });
    expect(items).toMatchObject([{ attempts: 2 }]);
    expect(await intakeSums(ctx, "access_logs")).toMatchObject({ received_total: 2, dead_total: 2 });
  });

  it("of one table does not conflict with the same text for another", async () => {
    await insertAccessLogs(ctx, [{ nonsense: 1 }]);
    await insertUserActivities(ctx, [{ nonsense: 1 }]);
    const { items } = await listDeadLetters(ctx, { limit: 10 });
    expect(items.map(({ queue, error }) => [queue, error]).sort()).toEqual([
      ["access_logs", { code: "event.missing", params: { field: "ip_address" } }],
      ["user_activities", { code: "event.missing", params: { field: "user_id" } }],
    ]);
  });

  it("is listed in pages, and can be replayed or discarded by its error", async () => {
    await insertAccessLogs(
      ctx,
      Array.from({ length: 1_200 }, (_, n) => ({ ...visit, ip_address: `not-${n}` })),
    );
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await listDeadLetters(ctx, { queue: "access_logs", limit: 500, cursor });
      for (const { id } of page.items) seen.add(id);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen.size).toBe(1_200);

    const all = { queue: "access_logs", error: "ip_address: not an IP address" } as const;
    expect(await replayDeadLetters(ctx, all, COMMAND_LINE)).toMatchObject({ replayed: 0, still_dead: 1_200 });
    expect(await discardDeadLetters(ctx, all, COMMAND_LINE)).toEqual({ discarded: 1_200 });
    await expect(listDeadLetters(ctx, { limit: 10, cursor: "tampered" })).rejects.toMatchObject({
      kind: "BAD_REQUEST",
    });
  });
});

it("The dead letters of a file are listed in the file's order, over all pages, and files one after the other", async () => {
  const lines = (file: string) => Array.from({ length: 1_200 }, (_, line) => `{"user_id":"${file} ${line}"}`);
  for (const file of ["old", "new"]) {
    const bytes = Readable.from([Buffer.from(`{"user_id":"1","action":"a"}\n${lines(file).join("\n")}\n`)]);
    await ingest(ctx, "user_activities", bytes, { format: "ndjson", mode: "direct", fileName: file });
  }
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDeadLetters(ctx, { limit: 500, cursor });
    listed.push(...page.items.map(({ payload }) => payload));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(listed).toEqual([...lines("new"), ...lines("old")]);
});

describe("Huge dead letters", () => {
  const MEGABYTES = 8;
  const fill = (count: number) => ctx.db.sql`
    insert into dead_letters (id, queue, payload, format, error, source)
    select gen_random_uuid(), 'access_logs', '{"at": ' || n || repeat('x', ${MEGABYTES} * 1024 * 1024), 'json',
      '{"code": "event.not_json", "params": {"field": "event"}}', 'queue'
    from generate_series(1, ${count}::int) as n`;

  it("are listed with truncated payloads of limited total size, and shown in full one by one", async () => {
    await fill(12);
    for (const limit of [10, 1_000]) {
      const { items } = await listDeadLetters(ctx, { limit });
      expect(items).toHaveLength(Math.min(limit, 12));
      expect(items.every(({ payload_truncated, payload }) => payload_truncated && payload.startsWith('{"at": '))).toBe(
        true,
      );
      expect(items.reduce((sum, { payload }) => sum + payload.length, 0)).toBeLessThanOrEqual(4_000_000);
    }
    const [first] = (await listDeadLetters(ctx, { limit: 1_000 })).items;
    const reader = deadLetterReader(ctx, COMMAND_LINE);
    expect((await reader.read(first?.id ?? "")).payload.length).toBeGreaterThan(MEGABYTES * 1024 * 1024);
    await expect(reader.read("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({ kind: "NOT_FOUND" });
  });

  it("are replayed a few at a time, in little memory", async () => {
    await fill(40);
    global.gc?.();
    const before = process.memoryUsage().rss;
    let peak = 0;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }, 5);
    const result = await replayDeadLetters(ctx, { queue: "access_logs" }, COMMAND_LINE);
    clearInterval(watching);
    expect(result).toMatchObject({ replayed: 0, still_dead: 40 });
    expect(peak).toBeLessThan(200 * 1024 * 1024);
  });

  it("and short ones are complete in a list", async () => {
    await insertAccessLogs(ctx, [{ ...visit, status_code: "abc" }]);
    const [letter] = (await listDeadLetters(ctx, { limit: 1_000 })).items;
    expect(letter).toMatchObject({
      payload: JSON.stringify({ ...visit, status_code: "abc" }),
      payload_truncated: false,
    });
  });
});

import { hash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { drain, setUpIntake, takeIn } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import { insertAccessLogs, storeClaim } from "../insert";
import type { IngestOptions } from "../read/ingest";
import { plainId } from "./identity";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const LINE = '203.0.113.9 - - [10/Oct/2020:13:55:36 -0700] "GET /cases HTTP/1.1" 200 1 "-" "-"\n';

function take(text: string | Uint8Array, options: Partial<IngestOptions> = {}, table: LogTableName = "access_logs") {
  return takeIn(ctx, table, text, options);
}

async function countRows(): Promise<number> {
  const [row] = await ctx.db.sql<{ rows: number }[]>`select count(*)::int as rows from access_logs`;
  return row?.rows ?? -1;
}

describe("the same CSV", () => {
  const csv = (header: string) =>
    `ip_address,request_path,created_at,${header}\n203.0.113.9,/a,2024-01-31T08:00:00Z,7,8\n`;

  test("under a corrected header stores the corrected values, once", async () => {
    expect(await take(csv("session_id,user_id"))).toMatchObject({ inserted: 1 });
    expect(await take(csv("user_id,session_id"))).toMatchObject({ inserted: 1, duplicates: 0 });
    expect(await take(csv("user_id,session_id"))).toMatchObject({ inserted: 0, duplicates: 1 });
    const rows = await ctx.db.sql`select user_id, session_id from access_logs order by user_id`;
    expect([...rows]).toEqual([
      { user_id: "7", session_id: "8" },
      { user_id: "8", session_id: "7" },
    ]);
  });

  test("with reordered or quoted columns contains the same events", async () => {
    await take("ip_address,request_path,created_at,user_id\n203.0.113.9,/a,2024-01-31T08:00:00Z,7\n");
    const reordered = 'user_id,created_at,request_path,ip_address\n"7","2024-01-31T08:00:00Z",/a,203.0.113.9\n';
    expect(await take(reordered)).toMatchObject({ inserted: 0, duplicates: 1 });
  });

  test("with rows without a time is recognized by the file's own time", async () => {
    const lastModified = new Date("2024-05-06T07:08:09Z");
    const text = "ip_address,request_path\n203.0.113.9,/a\n203.0.113.9,/a\n";
    expect(await take(text, { lastModified })).toMatchObject({ inserted: 2 });
    expect(await take(text, { lastModified })).toMatchObject({ inserted: 0, duplicates: 2 });
  });
});

describe("an equal log line", () => {
  test("from two sources is two events, from one source one", async () => {
    expect(await take(LINE, { source: "web1" })).toMatchObject({ inserted: 1 });
    expect(await take(LINE, { source: "web2" })).toMatchObject({ inserted: 1 });
    expect(await take(LINE, { source: "web1" })).toMatchObject({ duplicates: 1 });
    expect(await take(LINE)).toMatchObject({ inserted: 1 });
  });

  test("is the same event in a rotated file, an archive and under any file name", async () => {
    await take(LINE.repeat(2), { fileName: "access.log" });
    const other = LINE.replace("/cases", "/other");
    expect(await take(LINE.repeat(2) + other, { fileName: "access.log.1" })).toMatchObject({
      inserted: 1,
      duplicates: 2,
    });
    expect(await take(gzipSync(LINE.repeat(2)), { fileName: "access.log.2.gz" })).toMatchObject({ duplicates: 2 });
  });

  test("of another virtual host is another event", async () => {
    await take(`a.example:80 ${LINE}`);
    expect(await take(`b.example:80 ${LINE}`)).toMatchObject({ inserted: 1 });
  });
});

describe("an event with neither id nor time", () => {
  const event = { ip_address: "203.0.113.9", request_path: "/s" };
  const asJson = JSON.stringify([event]);
  const asLines = `${JSON.stringify(event)}\n`;
  const asCsv = "ip_address,request_path\n203.0.113.9,/s\n";
  const at = new Date("2026-11-05T10:00:00Z");

  test.each([
    ["a JSON document", asJson],
    ["NDJSON", asLines],
    ["CSV", asCsv],
    ["gzip", gzipSync(asLines)],
  ])("is new each time it is sent as %s, even in the same millisecond, direct and queued", async (_, body) => {
    const stopped = { ...ctx, now: () => at };
    for (const mode of ["direct", "queued"] as const) {
      await Promise.all(Array.from({ length: 20 }, () => takeIn(stopped, "access_logs", body, { mode })));
    }
    await drain(ctx, "access_logs");
    expect(await countRows()).toBe(40);
  });

  test("is new each time it is passed to the service", async () => {
    const stopped = { ...ctx, now: () => at };
    await Promise.all(Array.from({ length: 20 }, () => insertAccessLogs(stopped, [event])));
    expect(await countRows()).toBe(20);
  });
});

test("a row's id cannot be computed from its line", async () => {
  await take(LINE);
  const [row] = await ctx.db.sql<{ id: string }[]>`select id from access_logs`;
  const digests = ["sha1", "sha256", "md5"].map((name) => hash(name, LINE.trimEnd()));
  const id = row?.id.replaceAll("-", "") ?? "";
  for (const digest of digests) expect(id.slice(0, 8)).not.toBe(digest.slice(0, 8));
  await take(`broken\n${LINE}`, { format: "combined" });
  const [letter] = await ctx.db.sql<{ id: string }[]>`select id from dead_letters`;
  expect(letter?.id).not.toBe(plainId(JSON.stringify(["access_logs", "log_line", null, plainId("broken")])));
});

describe("a database of version 0.1", () => {
  const CSV_ROW = "203.0.113.9,/a,2024-01-31T08:00:00Z,7,8";
  const header = "ip_address,request_path,created_at,session_id,user_id";
  let old: TestContext;

  beforeAll(async () => {
    old = await createTestContext();
    await old.context.db.sql`update identity_keys set has_plain_ids = true`;
    await ensurePartitions(old.context.db.ddl.access_logs, "access_logs", ["2020-10", "2024-01"]);
  });

  afterAll(() => old?.close());

  beforeEach(async () => {
    const { sql } = old.context.db;
    await sql`truncate access_logs, dead_letters, intake_counters, log_queue`;
    const at = "2020-10-10T20:55:36Z";
    for (const occurrence of [0, 1]) {
      await sql`
        insert into access_logs (id, created_at, ip_address, request_path)
        values (${plainId(LINE.trimEnd(), occurrence)}, ${at}, '203.0.113.9', '/cases')`;
    }
    await sql`
      insert into access_logs (id, created_at, ip_address, request_path, session_id, user_id)
      values (${plainId(CSV_ROW)}, '2024-01-31T08:00:00Z', '203.0.113.9', '/a', '7', '8')`;
  });

  test.each(["direct", "queued"] as const)("counts a file that it contains as duplicates, %s", async (mode) => {
    const context = old.context;
    const text = LINE.repeat(3);
    const result = await takeIn(context, "access_logs", text, { mode, source: "web1" });
    expect(result.received).toBe(3);
    if (mode === "direct") expect(result).toMatchObject({ inserted: 1, duplicates: 2 });
    else {
      const limits = { events: 100, bytes: 1_000_000 };
      await context.queue.consume("access_logs", limits, async (claim, tx) => {
        await storeClaim(context, "access_logs", claim, tx);
      });
      expect(await intakeSums(context, "access_logs")).toMatchObject({ inserted_total: 1, duplicates_total: 2 });
    }
  });

  test("counts its CSV as duplicates under the original header, and stores it under a corrected one", async () => {
    expect(await takeIn(old.context, "access_logs", `${header}\n${CSV_ROW}\n`)).toMatchObject({ duplicates: 1 });
    const corrected = "ip_address,request_path,created_at,user_id,session_id";
    expect(await takeIn(old.context, "access_logs", `${corrected}\n${CSV_ROW}\n`)).toMatchObject({ inserted: 1 });
    expect(await takeIn(old.context, "access_logs", `${corrected}\n${CSV_ROW}\n`)).toMatchObject({ duplicates: 1 });
  });

  test("stores one dead letter for a repeated bad line", async () => {
    const { sql } = old.context.db;
    const id = plainId(JSON.stringify(["access_logs", "log_line", null, plainId("broken")]));
    await sql`
      insert into dead_letters (id, queue, payload, format, error)
      values (${id}, 'access_logs', 'broken', 'log_line', '{"code":"event.missing","params":{"field":"created_at"}}')`;
    await takeIn(old.context, "access_logs", "broken\n", { format: "combined" });
    const letters = await sql`select id, attempts from dead_letters`;
    expect([...letters]).toEqual([{ id, attempts: 2 }]);
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { setUpIntake } from "@/server/testing/intake";
import { type IngestOptions, ingest } from "./ingest";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const LINE = '203.0.113.9 - - [10/Oct/2020:13:55:36 -0700] "GET /cases HTTP/1.1" 200 12345\n';
const EVENT = '{"user_id":"1","action":"login","created_at":"2024-05-06T07:08:09Z"}';

function take(
  bytes: AsyncIterable<Uint8Array>,
  options: Partial<IngestOptions> = {},
  table: LogTableName = "access_logs",
) {
  return ingest(ctx, table, bytes, { format: "auto", mode: "direct", fileName: "a.log", ...options });
}

async function* chunksOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

describe("a last line without a line feed", () => {
  test("of a log that is being written is skipped until it is complete, and then stored once", async () => {
    let left = 0;
    const onOpenLine = () => left++;
    const cut = LINE.slice(0, -4);
    expect(await take(chunksOf(LINE.replace("cases", "first"), cut), { onOpenLine })).toMatchObject({ received: 1 });
    expect(left).toBe(1);
    expect(await take(chunksOf(LINE.replace("cases", "first"), LINE), { onOpenLine })).toMatchObject({
      inserted: 1,
      duplicates: 1,
      rejected: 0,
    });
    expect(left).toBe(1);
  });

  test("of NDJSON is stored if it is complete JSON, and skipped otherwise", async () => {
    const onOpenLine = () => {};
    expect(await take(chunksOf(EVENT), { onOpenLine }, "user_activities")).toMatchObject({ inserted: 1 });
    const cut = chunksOf(`${EVENT}\n`, EVENT.slice(0, -8));
    expect(await take(cut, { onOpenLine }, "user_activities")).toMatchObject({ duplicates: 1, rejected: 0 });
  });

  test("of complete input is stored: a request, an archive, CSV", async () => {
    expect(await take(chunksOf(LINE.trimEnd()))).toMatchObject({ inserted: 1 });
    const onOpenLine = () => {};
    const archive = gzipSync(LINE.replace("cases", "packed").trimEnd());
    expect(await take(chunksOf(archive), { onOpenLine })).toMatchObject({ inserted: 1 });
    const csv = "ip_address,request_path\n203.0.113.9,/csv";
    expect(await take(chunksOf(csv), { onOpenLine })).toMatchObject({ inserted: 1 });
  });
});

test.each(["direct", "queued"] as const)("slow input is stored within two seconds, %s", async (mode) => {
  let end = () => {};
  const isEnded = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* tail() {
    yield Buffer.from(LINE + LINE.slice(0, 20));
    await isEnded;
  }
  const reading = take(tail(), { mode });
  const begin = Date.now();
  const isTaken = async () => {
    const [row] = await ctx.db.sql<{ rows: number }[]>`
      select (select count(*) from access_logs)::int + (select count(*) from log_queue)::int as rows`;
    return row?.rows === 1;
  };
  while (!(await isTaken())) await sleep(20);
  const seconds = (Date.now() - begin) / 1_000;
  end();
  expect(await reading).toMatchObject({ received: 2 });
  // Half a second for format detection, one for the batch; the rest is margin for a busy machine.
  expect(seconds).toBeLessThan(10);
});

describe("an intake whose first thousand records fail for the same reason", () => {
  test.each(["direct", "queued"] as const)(
    "stops with an error and leaves a thousand dead letters, %s",
    async (mode) => {
      async function* endless() {
        for (let n = 0; n < 100_000; n += 500) {
          yield Buffer.from(Array.from({ length: 500 }, (_, index) => `broken ${n + index}\n`).join(""));
        }
      }
      const stopped = take(endless(), { mode, format: "combined" });
      await expect(stopped).rejects.toMatchObject({
        kind: "UNPROCESSABLE",
        message: expect.stringMatching(/^The first 1,000 records were all rejected for the same reason \(created_at: /),
        taken: { received: 1_000, rejected: 1_000 },
      });
      const [row] = await ctx.db.sql`select count(*)::int as letters, max(line)::int as last from dead_letters`;
      expect(row).toEqual({ letters: 1_000, last: 1_000 });
      const [record] = await ctx.db.sql`select outcome, error from imports order by id desc limit 1`;
      expect(record).toMatchObject({ outcome: "failed", error: { code: "intake.first_refused" } });
    },
  );

  test("continues when one of them became a row, or there were two reasons", async () => {
    const broken = (count: number) => Array.from({ length: count }, (_, n) => `broken ${n}\n`).join("");
    const format = "combined";
    expect(await take(chunksOf(broken(999), LINE, broken(2_000)), { format })).toMatchObject({
      received: 3_000,
      inserted: 1,
      status: "completed",
    });
    const cut = LINE.slice(0, 60);
    expect(await take(chunksOf(broken(998), `${cut}\n`, broken(2_000)), { format })).toMatchObject({
      received: 2_999,
      rejected: 2_999,
      status: "failed",
    });
  });
});

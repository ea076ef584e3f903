import { createReadStream } from "node:fs";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/context";
import { AppError } from "@/server/errors";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { intakeSums } from "@/server/testing/intake-sums";
import { storeClaim } from "../insert";
import { IngestError, type IngestOptions, ingest } from "./ingest";

const DATA = path.resolve("../shared/data");
const APACHE = "access_combined_apache_elastic_10000.log";
const SPAMBOTS = "access_combined_spambots_ipv6_3456.log";
const ATTACKS = "attack_combined_crowdsec_fixtures.log";
const WIKIPEDIA = "user_activities_wikipedia_39244.jsonl.gz";
const CLOUDTRAIL = "user_activities_cloudtrail_2900.jsonl";

let opened: TestContext;
let ctx: Context;

beforeAll(async () => {
  for (const name of [APACHE, SPAMBOTS, ATTACKS, WIKIPEDIA, CLOUDTRAIL]) {
    await access(path.join(DATA, name)).catch(() => {
      throw new Error(`The public logs that these tests read are missing: put ${name} into ${DATA}.`);
    });
  }
  opened = await createTestContext();
  ctx = opened.context;
});

afterAll(() => opened?.close());

beforeEach(async () => {
  await ctx.db.sql`
    truncate access_logs, user_activity_logs, dead_letters, intake_counters, undated_events, log_queue`;
});

const direct = { format: "auto", mode: "direct", source: "test" } as const satisfies IngestOptions;

function ingestFile(name: string, table: LogTableName, options: Partial<IngestOptions> = {}) {
  return ingest(ctx, table, createReadStream(path.join(DATA, name)), { ...direct, source: name, ...options });
}

async function* chunksOf(...texts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

function ingestText(text: string | Uint8Array, table: LogTableName, options: Partial<IngestOptions> = {}) {
  return ingest(ctx, table, chunksOf(text), { ...direct, ...options });
}

describe("real logs", () => {
  test("9,999 rows of Apache's 10,000 lines, the cut one kept with its line and reason; again nothing new", async () => {
    const first = await ingestFile(APACHE, "access_logs");
    const reason = "user_agent: its closing quote is missing; the line is cut off";
    const errors = [{ line: 8899, message: reason }];
    expect(first).toEqual({ received: 10_000, queued: 0, inserted: 9_999, duplicates: 0, rejected: 1, errors });

    const again = await ingestFile(APACHE, "access_logs");
    expect(again).toEqual({ received: 10_000, queued: 0, inserted: 0, duplicates: 9_999, rejected: 1, errors });

    const letters = await ctx.db.sql`select payload, error, source, line, format, attempts from dead_letters`;
    const lines = (await readFile(path.join(DATA, APACHE), "utf8")).split("\n");
    expect([...letters]).toEqual([
      { payload: lines[8898], error: reason, source: APACHE, line: "8899", format: "log_line", attempts: 2 },
    ]);
    expect(await intakeSums(ctx, "access_logs")).toMatchObject({
      received_total: 20_000,
      inserted_total: 9_999,
      dead_total: 2,
    });
  });

  test("3,456 rows of the spam bots' lines, IPv6 clients too", async () => {
    expect(await ingestFile(SPAMBOTS, "access_logs")).toMatchObject({ received: 3_456, inserted: 3_456, rejected: 0 });
    const [row] = await ctx.db.sql`select count(*)::int as posts from access_logs where request_method = 'POST'`;
    expect(row?.posts).toBe(1_080);
  });

  test("every attack line is a row, whatever it tried", async () => {
    const result = await ingestFile(ATTACKS, "access_logs");
    expect(result).toMatchObject({ received: 947, inserted: 947, rejected: 0 });
    const [row] = await ctx.db.sql`
      select
        count(*) filter (where extra ? 'vhost')::int as with_vhost,
        count(*) filter (where request_method = '-')::int as without_request,
        count(*) filter (where response_time is not null)::int as with_response_time,
        count(*) filter (where request_path = '/.htpasswd' and status_code = 403)::int as in_common_format
      from access_logs`;
    expect(row).toEqual({ with_vhost: 48, without_request: 47, with_response_time: 10, in_common_format: 1 });
  });

  test("39,244 Wikipedia edits keep every field, character for character", async () => {
    const result = await ingestFile(WIKIPEDIA, "user_activities");
    expect(result).toMatchObject({ received: 39_244, inserted: 39_244, duplicates: 0, rejected: 0 });
    const source = gunzipSync(await readFile(path.join(DATA, WIKIPEDIA)))
      .toString("utf8")
      .trimEnd()
      .split("\n");
    const rows = await ctx.db.sql`
      select
        user_id, action, resource_type, resource_id, details,
        to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at
      from user_activity_logs`;
    const key = (value: Record<string, unknown>) => JSON.stringify(sortedKeys(value));
    expect(rows.map(key).sort()).toEqual(source.map((line) => key(JSON.parse(line))).sort());
  });

  test("2,900 CloudTrail events, those with a host name for an address too; again nothing new", async () => {
    expect(await ingestFile(CLOUDTRAIL, "user_activities")).toMatchObject({ inserted: 2_900, rejected: 0 });
    expect(await ingestFile(CLOUDTRAIL, "user_activities")).toMatchObject({ inserted: 0, duplicates: 2_900 });
  });
});

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sortedKeys(member)]),
  );
}

describe("an intake", () => {
  test("stores equal lines of one file all, and none of them again", async () => {
    const text = `${'10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n'.repeat(5)}`;
    expect(await ingestText(text, "access_logs")).toMatchObject({ inserted: 5, duplicates: 0 });
    expect(await ingestText(text, "access_logs")).toMatchObject({ inserted: 0, duplicates: 5 });
  });

  test("recognises a file of lines without a time by the file's own time", async () => {
    const text = '{"user_id":"7","action":"login"}\n';
    const lastModified = new Date("2024-05-06T07:08:09Z");
    expect(await ingestText(text, "user_activities", { lastModified })).toMatchObject({ inserted: 1 });
    const onDisk = new Date(lastModified.getTime() + 123);
    expect(await ingestText(text, "user_activities", { lastModified: onDisk })).toMatchObject({ duplicates: 1 });
    const [row] = await ctx.db.sql`select created_at from user_activity_logs`;
    expect(row?.created_at).toBe("2024-05-06 07:08:09+00");
  });

  test("stores the good lines and keeps each bad one with its text and a reason that tells the field", async () => {
    const deep = `{"user_id":"7","action":"a","details":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
    const columns = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`column_${index}`, index]));
    const lines = [
      '{"user_id":"1","action":"login"}',
      "not json",
      deep,
      "[1,2]",
      '{"user_id":"8"}',
      '{"user_id":"9","action":"login","created_at":"0000-00-00"}',
      JSON.stringify({ user_id: "2", action: "many", ...columns }),
      '{"user_id":"nul \\u0000","action":"lone \\ud800"}',
    ];
    const result = await ingestText(lines.join("\n"), "user_activities", { format: "ndjson" });
    expect(result).toMatchObject({ received: 8, inserted: 3, rejected: 5 });
    expect(result.errors.map(({ line, message }) => `${line} ${message.split(":")[0]}`)).toEqual([
      "2 event",
      "3 details",
      "4 event",
      "5 action",
      "6 created_at",
    ]);
    const letters = await ctx.db.sql`select payload from dead_letters order by line`;
    expect(letters.map((letter) => letter.payload)).toEqual(lines.slice(1, 6));
  });

  test("reads CSV with columns that the table has not", async () => {
    const text =
      'ip_address,request_path,status_code,region,colour\n10.0.0.1,/,404,"华东, 上海",red\n10.0.0.2,/,abc,,\n';
    const result = await ingestText(text, "access_logs");
    expect(result).toMatchObject({ received: 2, inserted: 1, rejected: 1 });
    expect(result.errors[0]).toMatchObject({ line: 3, message: expect.stringMatching(/^status_code: /) });
    const [row] = await ctx.db.sql`select status_code, region, extra from access_logs`;
    expect(row).toEqual({ status_code: 404, region: "华东, 上海", extra: { colour: "red" } });
    const [letter] = await ctx.db.sql`select payload, csv_header from dead_letters`;
    expect(letter).toEqual({
      payload: "10.0.0.2,/,abc,,",
      csv_header: "ip_address,request_path,status_code,region,colour",
    });
  });

  test("keeps what a cut archive gave, and tells how much that was", async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, index) => `{"user_id":"${index}","action":"a${(index * 7919) % 10_007}"}`,
    );
    const archive = gzipSync(lines.join("\n"));
    const lastModified = new Date("2024-05-06T07:08:09Z");
    const cut = ingestText(archive.subarray(0, archive.length >> 1), "user_activities", { lastModified });
    const error = await cut.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof IngestError)) throw error;
    expect(error.code).toBe("BAD_REQUEST");
    expect(error.message).toMatch(/cut off.*The first \d+ records/);
    const [row] = await ctx.db.sql`select count(*)::int as rows from user_activity_logs`;
    expect(row?.rows).toBe(error.taken.inserted);
    expect(error.taken.inserted).toBeGreaterThan(0);

    const whole = await ingestText(archive, "user_activities", { lastModified });
    expect(whole.inserted + whole.duplicates).toBe(30_000);
  });

  test("stops when it is told to, also while nothing comes, and says what was taken", async () => {
    const controller = new AbortController();
    async function* endless() {
      yield Buffer.from(`${'{"user_id":"7","action":"login"}\n'.repeat(2_000)}`);
      controller.abort();
      await new Promise(() => {});
    }
    const stopped = ingest(ctx, "user_activities", endless(), {
      ...direct,
      format: "ndjson",
      signal: controller.signal,
    });
    await expect(stopped).rejects.toMatchObject({
      message: expect.stringContaining("stopped"),
      taken: { inserted: 2_000 },
    });
  });

  test.each([
    ["without a time or id", '{"user_id":"7","action":"login"}', undefined, /sent again, those that bring neither/],
    ["with the file's time", '{"user_id":"7","action":"login"}', "2024-05-06T07:08:09Z", /not stored twice\.$/],
    [
      "of an impossible file time",
      '{"user_id":"7","action":"login"}',
      "1500-05-06T07:08:09Z",
      /those that bring neither/,
    ],
    [
      "with their time",
      '{"user_id":"7","action":"login","created_at":"2024-05-06T07:08:09Z"}',
      undefined,
      /not stored twice\.$/,
    ],
    ["with an id alone", '{"id":"a-1","user_id":"7","action":"login"}', undefined, /not stored twice\.$/],
  ])("that ends early tells of events %s what sending them again does", async (_, event, fileTime, told) => {
    async function* broken() {
      yield Buffer.from(`${event}\n`.repeat(2_000));
      throw new AppError("BAD_REQUEST", "The upload broke off.");
    }
    const lastModified = fileTime === undefined ? undefined : new Date(fileTime);
    for (const mode of ["direct", "queued"] as const) {
      const ended = ingest(ctx, "user_activities", broken(), { ...direct, mode, format: "ndjson", lastModified });
      await expect(ended).rejects.toMatchObject({ message: expect.stringMatching(told), taken: { received: 2_000 } });
    }
  });

  test.each(["1500-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "+020000-01-01T00:00:00Z"])(
    "with the file time %s, which no row can have, takes the time of now",
    async (fileTime) => {
      const before = new Date().toISOString();
      const lastModified = new Date(fileTime);
      const result = await ingestText('{"user_id":"7","action":"login"}\n', "user_activities", { lastModified });
      expect(result).toMatchObject({ inserted: 1 });
      const [row] = await ctx.db
        .sql`select created_at between ${before}::timestamptz and now() as is_now from user_activity_logs`;
      expect(row?.is_now).toBe(true);
    },
  );

  test("of log lines into user activities is refused before anything is stored", async () => {
    const line = '10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n';
    await expect(ingestText(line, "user_activities")).rejects.toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE" });
  });

  test("of an empty file is nothing, of an unknown format an error", async () => {
    expect(await ingestText("", "access_logs")).toMatchObject({ received: 0 });
    await expect(ingestText("hello\n", "access_logs")).rejects.toMatchObject({ code: "UNPROCESSABLE" });
  });
});

describe("a queued intake", () => {
  const queued = { mode: "queued", format: "ndjson" } as const;

  async function drain(table: LogTableName): Promise<void> {
    const limits = { events: 1_000, bytes: 8_000_000 };
    while (
      (await ctx.queue.consume(table, limits, async (claim, tx) => void (await storeClaim(ctx, table, claim, tx)))) > 0
    );
  }

  test("gives the rows that the direct way gives, and the bad lines at once", async () => {
    const rows = () => ctx.db.sql`select * from access_logs order by created_at, id`;
    await ingestFile(ATTACKS, "access_logs");
    const expected = [...(await rows())];
    await ctx.db.sql`truncate access_logs`;

    const result = await ingestFile(ATTACKS, "access_logs", { mode: "queued" });
    expect(result).toMatchObject({ received: 947, queued: 947, inserted: 0, rejected: 0 });
    await drain("access_logs");
    expect([...(await rows())]).toEqual(expected);

    const apache = await ingestFile(APACHE, "access_logs", { mode: "queued" });
    expect(apache).toMatchObject({ received: 10_000, queued: 9_999, rejected: 1 });
    const [letter] = await ctx.db.sql`select line from dead_letters`;
    expect(letter?.line).toBe("8899");
  });

  test("twice stores an event that has an id but no time once", async () => {
    const text = '{"id":"0b5dd6a2-6d10-4a6c-8f2a-0d8e1e6b9a10","user_id":"7","action":"login"}';
    for (const _ of [1, 2]) {
      await ingestText(text, "user_activities", queued);
      await drain("user_activities");
    }
    const rows = await ctx.db.sql`select id from user_activity_logs`;
    expect(rows).toHaveLength(1);
  });

  test("goes straight into the table while Redis is away", async () => {
    const away = await createTestContext({ redisUrl: "redis://127.0.0.1:1" });
    try {
      const text = '{"user_id":"7","action":"login"}\nbroken\n';
      const result = await ingest(away.context, "user_activities", chunksOf(text), { ...direct, ...queued });
      expect(result).toMatchObject({ received: 2, queued: 0, inserted: 1, rejected: 1 });
    } finally {
      await away.close();
    }
  });
});

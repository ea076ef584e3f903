import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import { AppError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { expectActivities } from "@/server/testing/activities";
import { setUpIntake, takeIn } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import {
  attackLog,
  auditEvents,
  combinedLog,
  editEvents,
  ipv6Log,
  type SampleLog,
  textOf,
} from "@/server/testing/sample-logs";
import { IngestError, type IngestOptions, ingest } from "./ingest";

/** A line that is truncated within its user agent. */
const CUT_OFF = { code: "event.quote_cut", params: { field: "user_agent" } };

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const direct = { format: "auto", mode: "direct", source: "test" } as const satisfies IngestOptions;

function ingestLog(log: SampleLog, table: LogTableName, options: Partial<IngestOptions> = {}) {
  return ingestText(textOf(log), table, { source: log.name, ...options });
}

function ingestText(text: string | Uint8Array, table: LogTableName, options: Partial<IngestOptions> = {}) {
  return takeIn(ctx, table, text, { source: "test", ...options });
}

describe("logs in the formats of real servers", () => {
  test("are stored, except a truncated line, which is a dead letter with line number and reason; a repeated import adds nothing", async () => {
    const log = combinedLog();
    const received = log.lines.length;
    const errors = [{ line: log.cutLine, error: CUT_OFF }];
    const first = await ingestLog(log, "access_logs");
    expect(first).toMatchObject({ received, queued: 0, inserted: received - 1, duplicates: 0, rejected: 1, errors });
    const again = await ingestLog(log, "access_logs");
    expect(again).toMatchObject({ received, queued: 0, inserted: 0, duplicates: received - 1, rejected: 1, errors });

    const letters = await ctx.db.sql`select payload, error::jsonb, source, line, format, attempts from dead_letters`;
    expect([...letters]).toEqual([
      {
        payload: log.lines[log.cutLine - 1],
        error: CUT_OFF,
        source: log.name,
        line: String(log.cutLine),
        format: "log_line",
        attempts: 2,
      },
    ]);
    expect(await intakeSums(ctx, "access_logs")).toMatchObject({
      received_total: 2 * received,
      inserted_total: received - 1,
      dead_total: 2,
    });
  });

  test("with IPv6 clients are stored", async () => {
    const log = ipv6Log();
    expect(await ingestLog(log, "access_logs")).toMatchObject({ inserted: log.lines.length, rejected: 0 });
    const [row] = await ctx.db.sql`
      select
        count(*) filter (where request_method = 'POST')::int as posts,
        count(*) filter (where family(ip_address) = 6) > 0 as has_ipv6
      from access_logs`;
    expect(row).toEqual({ posts: log.posts, has_ipv6: true });
  });

  test("with attacks are stored, whatever they contain", async () => {
    const log = attackLog();
    expect(await ingestLog(log, "access_logs")).toMatchObject({ inserted: log.lines.length, rejected: 0 });
    const [row] = await ctx.db.sql`
      select
        count(*) filter (where extra ? 'vhost')::int as with_virtual_host,
        count(*) filter (where request_method = '-')::int as without_request,
        count(*) filter (where response_time is not null)::int as with_response_time
      from access_logs`;
    expect(row).toEqual({
      with_virtual_host: log.withVirtualHost,
      without_request: log.withoutRequest,
      with_response_time: log.withResponseTime,
    });
  });

  test("are stored with every field unchanged", async () => {
    const log = editEvents();
    const result = await ingestText(gzipSync(textOf(log)), "user_activities");
    expect(result).toMatchObject({ inserted: log.lines.length, duplicates: 0, rejected: 0 });
    await expectActivities(ctx, log.lines);
  });

  test("with audit events that have ids are stored once", async () => {
    const log = auditEvents();
    expect(await ingestLog(log, "user_activities")).toMatchObject({ inserted: log.lines.length, rejected: 0 });
    expect(await ingestLog(log, "user_activities")).toMatchObject({ inserted: 0, duplicates: log.lines.length });
  });
});

describe("an intake", () => {
  test("stores all equal lines of one file, and none of them again", async () => {
    const text = `${'10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n'.repeat(5)}`;
    expect(await ingestText(text, "access_logs")).toMatchObject({ inserted: 5, duplicates: 0 });
    expect(await ingestText(text, "access_logs")).toMatchObject({ inserted: 0, duplicates: 5 });
  });

  test("recognizes a file of lines without a time by the file's own time", async () => {
    const text = '{"user_id":"7","action":"login"}\n';
    const lastModified = new Date("2024-05-06T07:08:09Z");
    expect(await ingestText(text, "user_activities", { lastModified })).toMatchObject({ inserted: 1 });
    const onDisk = new Date(lastModified.getTime() + 123);
    expect(await ingestText(text, "user_activities", { lastModified: onDisk })).toMatchObject({ duplicates: 1 });
    const [row] = await ctx.db.sql`select created_at from user_activity_logs`;
    expect(row?.created_at).toBe("2024-05-06 07:08:09+00");
  });

  test("stores the valid lines and each invalid one with its text and a reason that names the field", async () => {
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
    expect(result.errors.map(({ line, error }) => `${line} ${error.params.field}`)).toEqual([
      "2 event",
      "3 details",
      "4 event",
      "5 action",
      "6 created_at",
    ]);
    const letters = await ctx.db.sql`select payload from dead_letters order by line`;
    expect(letters.map((letter) => letter.payload)).toEqual(lines.slice(1, 6));
  });

  test("reads CSV with columns that the table does not have", async () => {
    const text =
      'ip_address,request_path,status_code,region,colour\n10.0.0.1,/,404,"华东, 上海",red\n10.0.0.2,/,abc,,\n';
    const result = await ingestText(text, "access_logs");
    expect(result).toMatchObject({ received: 2, inserted: 1, rejected: 1 });
    expect(result.errors[0]).toMatchObject({ line: 3, error: { params: { field: "status_code" } } });
    const [row] = await ctx.db.sql`select status_code, region, extra from access_logs`;
    expect(row).toEqual({ status_code: 404, region: "华东, 上海", extra: { colour: "red" } });
    const [letter] = await ctx.db
      .sql`select payload, header as csv_header from dead_letters join csv_headers on csv_headers.id = csv_header_id`;
    expect(letter).toEqual({
      payload: "10.0.0.2,/,abc,,",
      csv_header: "ip_address,request_path,status_code,region,colour",
    });
  });

  test("stores what a truncated archive contained, and reports how much", async () => {
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
    expect(error.kind).toBe("BAD_REQUEST");
    expect(error.message).toMatch(/truncated.*The first \d+ records/);
    const [row] = await ctx.db.sql`select count(*)::int as rows from user_activity_logs`;
    expect(row?.rows).toBe(error.taken.inserted);
    expect(error.taken.inserted).toBeGreaterThan(0);

    const whole = await ingestText(archive, "user_activities", { lastModified });
    expect(whole.inserted + whole.duplicates).toBe(30_000);
  });

  test("stops when aborted, even without input, and reports what was stored", async () => {
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
    ["without a time or id", '{"user_id":"7","action":"login"}', undefined, /neither a time nor an ID a second time/],
    [
      "with the file's time",
      '{"user_id":"7","action":"login"}',
      "2024-05-06T07:08:09Z",
      /does not store them twice\.$/,
    ],
    [
      "of an impossible file time",
      '{"user_id":"7","action":"login"}',
      "1500-05-06T07:08:09Z",
      /neither a time nor an ID a second time/,
    ],
    [
      "with their time",
      '{"user_id":"7","action":"login","created_at":"2024-05-06T07:08:09Z"}',
      undefined,
      /does not store them twice\.$/,
    ],
    ["with an id alone", '{"id":"a-1","user_id":"7","action":"login"}', undefined, /does not store them twice\.$/],
  ])("that ends early reports for events %s what sending them again does", async (_, event, fileTime, message) => {
    async function* broken() {
      yield Buffer.from(`${event}\n`.repeat(2_000));
      throw new AppError("request.upload_interrupted", {});
    }
    const lastModified = fileTime === undefined ? undefined : new Date(fileTime);
    for (const mode of ["direct", "queued"] as const) {
      const ended = ingest(ctx, "user_activities", broken(), { ...direct, mode, format: "ndjson", lastModified });
      await expect(ended).rejects.toMatchObject({
        message: expect.stringMatching(message),
        taken: { received: 2_000 },
      });
    }
  });

  test.each(["1500-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "+020000-01-01T00:00:00Z"])(
    "with the invalid file time %s uses the current time",
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

  test("of log lines into user activities is rejected before anything is stored", async () => {
    const line = '10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n';
    await expect(ingestText(line, "user_activities")).rejects.toMatchObject({ kind: "UNSUPPORTED_MEDIA_TYPE" });
  });

  test("of an empty file stores nothing, of an unknown format fails", async () => {
    expect(await ingestText("", "access_logs")).toMatchObject({ received: 0 });
    await expect(ingestText("hello\n", "access_logs")).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  });
});

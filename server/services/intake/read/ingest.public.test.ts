import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { expectActivities } from "@/server/testing/activities";
import { setUpIntake } from "@/server/testing/intake";
import { ingest } from "./ingest";

const APACHE = "access_combined_apache_elastic_10000.log";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const fileOf = (name: string) => path.join(inject("publicLogs"), name);

function ingestFile(name: string, table: LogTableName) {
  return ingest(ctx, table, createReadStream(fileOf(name)), { format: "auto", mode: "direct", source: name });
}

test("9,999 rows of Apache's 10,000 lines, the truncated one as a dead letter with line number and reason; a repeated import adds nothing", async () => {
  const first = await ingestFile(APACHE, "access_logs");
  const errors = [{ line: 8899, error: { code: "event.quote_cut", params: { field: "user_agent" } } }];
  expect(first).toMatchObject({ received: 10_000, queued: 0, inserted: 9_999, duplicates: 0, rejected: 1, errors });
  const again = await ingestFile(APACHE, "access_logs");
  expect(again).toMatchObject({ received: 10_000, queued: 0, inserted: 0, duplicates: 9_999, rejected: 1, errors });
  const letters = await ctx.db.sql`select payload, line from dead_letters`;
  const lines = (await readFile(fileOf(APACHE), "utf8")).split("\n");
  expect([...letters]).toEqual([{ payload: lines[8898], line: "8899" }]);
});

test("3,456 rows of the spam bots' lines, including IPv6 clients", async () => {
  expect(await ingestFile("access_combined_spambots_ipv6_3456.log", "access_logs")).toMatchObject({
    received: 3_456,
    inserted: 3_456,
    rejected: 0,
  });
  const [row] = await ctx.db.sql`select count(*)::int as posts from access_logs where request_method = 'POST'`;
  expect(row?.posts).toBe(1_080);
});

test("every attack line is stored, whatever it contains", async () => {
  const result = await ingestFile("attack_combined_crowdsec_fixtures.log", "access_logs");
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

test("39,244 Wikipedia edits are stored with every field unchanged", async () => {
  const name = "user_activities_wikipedia_39244.jsonl.gz";
  const result = await ingestFile(name, "user_activities");
  expect(result).toMatchObject({ received: 39_244, inserted: 39_244, duplicates: 0, rejected: 0 });
  const text = gunzipSync(await readFile(fileOf(name))).toString("utf8");
  await expectActivities(ctx, text.trimEnd().split("\n"));
});

test("2,900 CloudTrail events, including those with a host name as address; a repeated import adds nothing", async () => {
  const name = "user_activities_cloudtrail_2900.jsonl";
  expect(await ingestFile(name, "user_activities")).toMatchObject({ inserted: 2_900, rejected: 0 });
  expect(await ingestFile(name, "user_activities")).toMatchObject({ inserted: 0, duplicates: 2_900 });
});

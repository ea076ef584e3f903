import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { setUpIntake } from "@/server/testing/intake";
import { handleIntake } from "./intake";

const LOG_LINE = '10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET / HTTP/1.1" 200 1 "-" "curl"';
const EVENT = '{"user_id":"7","action":"login","created_at":"2024-05-06T07:08:09Z"}';
const operator: Principal = { kind: "api_key", id: "1", name: "feeder", role: "operator" };

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

interface Sent {
  readonly type?: string;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream;
  readonly mode?: "direct" | "queued";
  readonly source?: string;
  readonly headers?: Record<string, string>;
}

async function post(table: LogTableName, { type, body, mode = "queued", source = "api", headers = {} }: Sent) {
  const request = new Request("http://localhost/", {
    method: "POST",
    body,
    headers: { ...(type ? { "Content-Type": type } : {}), ...headers },
    duplex: "half",
  } as RequestInit);
  const response = await handleIntake({ ctx, request, principal: operator, table, mode, source });
  return { status: response.status, body: await response.json() };
}

const none = { queued: 0, inserted: 0, duplicates: 0, rejected: 0, errors: [] };

test("events are queued and answered with 202; with mode=direct stored and answered with 200", async () => {
  const sent = { type: "application/json", body: `[${EVENT}]` };
  expect(await post("user_activities", sent)).toMatchObject({ status: 202, body: { ...none, received: 1, queued: 1 } });
  expect(await post("user_activities", { ...sent, mode: "direct" })).toMatchObject({
    status: 200,
    body: { ...none, received: 1, inserted: 1 },
  });
});

test.each([
  ["application/json", `{"items":[${EVENT}]}`],
  ["application/json; charset=utf-8", EVENT],
  ["application/x-ndjson", `${EVENT}\n\n`],
  ["text/csv; charset=UTF-8", "user_id,action\r\n7,login\r\n"],
])("user activities come as %s: %s", async (type, body) => {
  const answer = await post("user_activities", { type, body, mode: "direct" });
  expect(answer).toMatchObject({ status: 200, body: { ...none, received: 1, inserted: 1 } });
});

test("log lines are accepted as text/plain, also gzipped, and an invalid line is reported by its number", async () => {
  const body = new Uint8Array(gzipSync(`${LOG_LINE}\nbroken\n`));
  const headers = { "Content-Encoding": "gzip" };
  const answer = await post("access_logs", { type: "text/plain", body, headers, mode: "direct" });
  expect(answer).toMatchObject({ status: 200, body: { received: 2, inserted: 1, rejected: 1 } });
  expect(answer.body.errors).toEqual([
    {
      line: 2,
      message: expect.stringMatching(/^created_at: /),
      code: expect.any(String),
      params: { field: "created_at" },
    },
  ]);
});

test.each(["queued", "direct"] as const)("dead letters of a %s upload contain its source", async (mode) => {
  const sent = { type: "text/plain", body: `${LOG_LINE}\nbroken\n`, mode, source: "登录 access.log" };
  expect((await post("access_logs", sent)).body).toMatchObject({ rejected: 1 });
  expect(await ctx.db.sql`select source, line from dead_letters`).toEqual([{ source: "登录 access.log", line: "2" }]);
});

test("an upload that is sent again with its Last-Modified adds nothing", async () => {
  const headers = { "Last-Modified": "Mon, 06 May 2024 07:08:09 GMT" };
  const sent: Sent = { type: "text/csv", body: "user_id,action\n7,login\n", headers, mode: "direct" };
  await post("user_activities", sent);
  expect((await post("user_activities", sent)).body).toMatchObject({ inserted: 0, duplicates: 1 });
});

test.each(["Mon, 01 Jan 1500 00:00:00 GMT", "Fri, 01 Jan 9999 00:00:00 GMT", "Sat, 01 Jan 20000 00:00:00 GMT"])(
  "an upload with the Last-Modified %s, which no row can have, is taken as one without",
  async (time) => {
    const headers = { "Last-Modified": time };
    const sent: Sent = { type: "text/csv", body: "user_id,action\n7,login\n", headers, mode: "direct" };
    expect(await post("user_activities", sent)).toMatchObject({ status: 200, body: { inserted: 1 } });
    const [row] = await ctx.db.sql`select created_at > now() - interval '1 hour' as is_now from user_activity_logs`;
    expect(row?.is_now).toBe(true);
  },
);

test.each([
  ["UNSUPPORTED_MEDIA_TYPE", "user_activities", { type: "text/plain", body: LOG_LINE }],
  ["UNSUPPORTED_MEDIA_TYPE", "access_logs", { type: "application/xml", body: "<a/>" }],
  ["UNSUPPORTED_MEDIA_TYPE", "access_logs", { body: new Uint8Array([1]) }],
  ["UNSUPPORTED_MEDIA_TYPE", "access_logs", { type: "text/csv; charset=gbk", body: "a" }],
  ["UNSUPPORTED_MEDIA_TYPE", "access_logs", { type: "text/csv", body: "a", headers: { "Content-Encoding": "br" } }],
  ["BAD_REQUEST", "access_logs", { type: "application/json", body: "{" }],
  ["BAD_REQUEST", "access_logs", { type: "text/csv", body: "a", headers: { "Content-Encoding": "gzip" } }],
  ["UNPROCESSABLE", "access_logs", { type: "text/csv", body: "a,b\n1,2\n" }],
  ["UNPROCESSABLE", "access_logs", { type: "application/json", body: "7" }],
  ["TOO_LARGE", "access_logs", { type: "application/json", body: `[${" ".repeat(10 * 1024 * 1024)}]` }],
] satisfies [string, LogTableName, Sent][])("answers %s: %s %j", async (code, table, sent) => {
  await expect(post(table, sent)).rejects.toMatchObject({ kind: code });
});

test("a gzipped document that unpacks to more than 10 MB is too large", async () => {
  const body = new Uint8Array(gzipSync(`[${" ".repeat(11 * 1024 * 1024)}]`));
  const sent = { type: "application/json", body, headers: { "Content-Encoding": "gzip" } };
  await expect(post("access_logs", sent)).rejects.toMatchObject({ kind: "TOO_LARGE" });
});

test("an interrupted upload keeps the records received so far", async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`${EVENT}\n`.repeat(2_000))),
    pull: (controller) => controller.error(new Error("connection lost")),
  });
  const upload = post("user_activities", { type: "application/x-ndjson", body, mode: "direct" });
  await expect(upload).rejects.toMatchObject({ kind: "BAD_REQUEST" });
});

import { createServer } from "node:http";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { Client, HttpConnection } from "@elastic/elasticsearch";
import { beforeAll, expect, test } from "vitest";
import { COMMAND_LINE, type Context, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { listDeadLetters, replayDeadLetters } from "@/server/services/dead-letters";
import { saveMapping } from "@/server/services/mappings";
import { longestBlock } from "@/server/testing/event-loop";
import { drain, setUpIntake } from "@/server/testing/intake";
import { intakeSums } from "@/server/testing/intake-sums";
import * as elasticsearch from "./elasticsearch/[[...path]]/route";
import * as splunk from "./splunk/[[...path]]/route";

const LINE = '203.0.113.7 - - [30/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"';
const FILEBEAT = {
  "@timestamp": "2026-11-30T10:00:01.000Z",
  message: LINE,
  log: { offset: 0, file: { path: "/var/log/nginx/access.log" } },
  agent: { type: "filebeat" },
};
const ECS = {
  "@timestamp": "2026-11-30T10:00:02.000Z",
  source: { ip: "203.0.113.8" },
  url: { original: "/b" },
  http: { request: { method: "POST" }, response: { status_code: 500 } },
  event: { duration: 12_000_000 },
};
const OWN = { ip_address: "203.0.113.9", request_path: "/c", created_at: "2026-11-30T10:00:03Z" };

let ctx: Context;
let key: string;
let viewer: string;
setUpIntake((context) => {
  ctx = context;
});
beforeAll(async () => {
  provideContext(ctx);
  key = (await createApiKey(ctx, { name: "collector", role: "operator" })).key;
  viewer = (await createApiKey(ctx, { name: "viewer", role: "viewer" })).key;
});

interface Sent {
  readonly method?: string;
  readonly query?: string;
  readonly body?: BodyInit;
  readonly headers?: Record<string, string>;
}

async function send(at: typeof elasticsearch.POST, path: string, { method = "POST", query = "", body, headers }: Sent) {
  const request = new Request(`http://localhost/${path}?${query}`, {
    method,
    body,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const response = await at(request, { params: Promise.resolve({ path: path === "" ? undefined : path.split("/") }) });
  const text = await response.text();
  const json: unknown = text === "" ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}
const elastic = (path: string, sent: Sent = {}) => send(elasticsearch.POST, path, sent);
const hec = (path: string, sent: Sent = {}) => send(splunk.POST, `services/collector${path}`, sent);
const lines = (...parts: (object | string)[]) =>
  `${parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n")}\n`;
const rowsOf = () => ctx.db.sql`
  select host(ip_address) as ip, request_path as path, request_method as method, status_code as status, response_time as took,
    created_at::text as at, extra from access_logs order by created_at, request_path`;
const DIRECT = "mode=direct";

test("A bulk request of documents of any kind becomes rows, and each item has its own result", async () => {
  const body = lines(
    { create: { _index: "filebeat-8" } },
    FILEBEAT,
    { index: { _index: "ecs", _id: "7" } },
    ECS,
    { index: {} },
    OWN,
    { index: { _id: "x" } },
    { message: "not a request" },
    { create: {} },
    "{broken",
    { delete: { _id: "7" } },
    { update: { _id: "8" } },
    { doc: OWN },
    { index: { _index: "app-user-activities" } },
    { user_id: "u1", action: "login", created_at: "2026-11-30T10:00:04Z" },
  );
  const { status, headers, json } = await elastic("_bulk", { body, query: DIRECT });
  expect(status).toBe(200);
  expect(headers.get("x-elastic-product")).toBe("Elasticsearch");
  const failed = { status: 400, error: { type: "document_parsing_exception", reason: expect.any(String) } };
  expect(json).toMatchObject({
    errors: true,
    items: [
      { create: { _index: "filebeat-8", _id: expect.stringMatching(/^[\da-f-]{36}$/), status: 201 } },
      { index: { _index: "ecs", _id: "7", status: 201, result: "created" } },
      { index: { status: 201 } },
      { index: { _id: "x", ...failed } },
      { create: failed },
      { delete: { status: 400 } },
      { update: { status: 400 } },
      { index: { _index: "app-user-activities", status: 201 } },
    ],
  });
  expect(await rowsOf()).toMatchObject([
    { ip: "203.0.113.7", path: "/a", status: 200, extra: { log: FILEBEAT.log, index: "filebeat-8" } },
    { ip: "203.0.113.8", path: "/b", method: "POST", status: 500, took: 12, extra: { event_id: "ecs/7" } },
    { ip: "203.0.113.9", path: "/c" },
  ]);
  expect(await ctx.db.sql`select user_id, action from user_activity_logs`).toMatchObject([
    { user_id: "u1", action: "login" },
  ]);
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ received_total: 5, inserted_total: 3, dead_total: 2 });
});

test("A bulk request that is sent again adds nothing, queued or direct", async () => {
  const next = { ...FILEBEAT, log: { ...FILEBEAT.log, offset: 90 } };
  const body = lines({ create: {} }, FILEBEAT, { create: {} }, next, { index: { _id: "1" } }, { message: LINE });
  expect((await elastic("logs/_bulk", { body })).json).toMatchObject({ errors: false });
  await drain(ctx, "access_logs");
  expect((await elastic("logs/_bulk", { body })).json).toMatchObject({ errors: false });
  await drain(ctx, "access_logs");
  expect((await elastic("logs/_bulk", { body, query: DIRECT })).json).toMatchObject({ errors: false });
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ inserted_total: 3, duplicates_total: 6, dead_total: 0 });
});

test("A line of a file that a collector reads again is not stored again", async () => {
  const vector = { host: "web1", file: "/var/log/a.log", offset: 7, message: LINE };
  for (const time of ["2026-11-30T10:00:05Z", "2026-11-30T10:00:06Z"]) {
    const body = lines(
      { create: {} },
      { ...FILEBEAT, "@timestamp": time },
      { create: {} },
      { ...vector, timestamp: time },
      { create: {} },
      { ...vector, timestamp: time, offset: 8 },
    );
    expect((await elastic("_bulk", { body, query: DIRECT })).json).toMatchObject({ errors: false });
  }
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ inserted_total: 3, duplicates_total: 3 });
});

test("A malformed bulk request stores nothing", async () => {
  for (const body of [
    lines({ create: {} }, OWN, { destroy: {} }, OWN),
    lines({ create: {} }, OWN, "text"),
    lines({ create: {} }, OWN, { create: {} }),
  ]) {
    const { status, json } = await elastic("_bulk", { body, query: DIRECT });
    expect([status, json]).toMatchObject([400, { status: 400, error: { type: "illegal_argument_exception" } }]);
  }
  expect(await rowsOf()).toEqual([]);
});

test("A mapping reads the documents, or the lines in them, and their dead letters", async () => {
  await saveMapping(ctx, COMMAND_LINE, {
    name: "timed",
    table: "access_logs",
    expression: '$remote_addr [$time_iso8601] "$request" $request_time',
  });
  const line = '203.0.113.7 [2026-11-30T10:00:00+00:00] "GET /timed HTTP/1.1" 0.25';
  const body = lines(
    { create: { _id: "1" } },
    { message: line, host: { name: "web1" } },
    { create: {} },
    { message: "?" },
  );
  expect((await elastic("_bulk", { body, query: `${DIRECT}&map=timed` })).json).toMatchObject({
    items: [{ create: { status: 201 } }, { create: { status: 400 } }],
  });
  const { items } = await listDeadLetters(ctx, { limit: 10 });
  const payload = JSON.stringify({ message: line.replace("/timed", "/fixed"), $labels: { index: "logs" } });
  expect(await replayDeadLetters(ctx, { ids: [items[0]?.id ?? ""] }, COMMAND_LINE, payload)).toMatchObject({
    replayed: 1,
    inserted: 1,
  });
  expect(await rowsOf()).toMatchObject([
    { path: "/fixed", took: 250, extra: { index: "logs" } },
    { path: "/timed", took: 250, extra: { host: { name: "web1" }, event_id: "1" } },
  ]);
  const pairs = encodeURIComponent("ip_address=peer,request_path=where");
  const other = lines({ create: {} }, { peer: "203.0.113.9", where: "/pairs" });
  expect((await elastic("_bulk", { body: other, query: `${DIRECT}&map=${pairs}` })).json).toMatchObject({
    errors: false,
  });
  const unknown = await elastic("_bulk", { body: other, query: "map=nothing" });
  expect([unknown.status, unknown.json]).toMatchObject([400, { error: { type: "illegal_argument_exception" } }]);
});

test("Bodies are compressed with gzip or deflate; others, damaged and too large ones are refused", async () => {
  const body = lines({ create: {} }, OWN);
  const gzip = { "content-encoding": "gzip" };
  expect((await elastic("_bulk", { body: gzipSync(body), headers: gzip })).json).toMatchObject({ errors: false });
  const refusals: [BodyInit, Record<string, string>, number][] = [
    [gzipSync(body).subarray(0, 30), gzip, 400],
    [body, gzip, 400],
    [body, { "content-encoding": "br" }, 415],
    [gzipSync(Buffer.alloc(33 * 1024 * 1024, " ")), gzip, 413],
  ];
  for (const [sent, headers, expected] of refusals) {
    const { status, json } = await elastic("_bulk", { body: sent, headers });
    expect([status, json]).toMatchObject([expected, { status: expected, error: { reason: expect.any(String) } }]);
  }
});

test("Clients find the product, its license and the settings that they would create", async () => {
  expect((await elastic("", { method: "GET" })).json).toMatchObject({ version: { number: expect.any(String) } });
  expect((await elastic("", { method: "HEAD" })).status).toBe(200);
  for (const path of [
    "_license",
    "_xpack",
    "_cluster/health",
    "_nodes/http",
    "_ilm/policy/filebeat",
    "_index_template/filebeat",
    "_data_stream/logs",
    "filebeat-8",
  ]) {
    const { status, headers } = await elastic(path, { method: "GET" });
    expect([path, status, headers.get("x-elastic-product")]).toEqual([path, 200, "Elasticsearch"]);
  }
  expect((await elastic("_index_template/filebeat", { method: "PUT", body: "{}" })).json).toMatchObject({
    acknowledged: true,
  });
  expect((await elastic("_search", { method: "POST", body: "{}" })).status).toBe(404);
});

const basic = (text: string) => Buffer.from(text).toString("base64");

test("A key is accepted as Bearer, Basic, ApiKey and Splunk, and needs the permission to ingest", async () => {
  for (const authorization of [
    `Bearer ${key}`,
    `Basic ${basic(`elastic:${key}`)}`,
    `Basic ${basic(`${key}:`)}`,
    `ApiKey ${key}`,
    `ApiKey ${basic(`any:${key}`)}`,
    `Splunk ${key}`,
  ]) {
    expect((await elastic("", { method: "GET", headers: { authorization } })).status, authorization).toBe(200);
    const body = JSON.stringify({ event: OWN });
    expect((await hec("", { body, headers: { authorization } })).json).toEqual({ text: "Success", code: 0 });
  }
  const denied = { error: { type: "security_exception" } };

  for (const [authorization, status, code] of [
    ["", 401, 3],
    ["Basic !", 401, 4],
    ["Splunk lbk_unknown", 401, 4],
    [`Bearer ${viewer}`, 403, 4],
  ] as const) {
    const headers = { authorization };
    expect(await elastic("", { method: "GET", headers })).toMatchObject({ status, json: { ...denied, status } });
    expect((await hec("", { body: "{}", headers })).json).toMatchObject({ code });
  }
});

test("Events of Splunk's collector become rows with their labels, once", async () => {
  const event = (fields: object) =>
    JSON.stringify({ host: "web1", sourcetype: "nginx", time: 1_796_032_800.123, ...fields });
  const body = [
    event({ event: LINE, fields: { region_name: "eu" } }),
    event({ event: { ip_address: "203.0.113.9", request_path: "/c" }, index: "main" }),
    event({ event: { line: { remote_addr: "203.0.113.10", request_uri: "/d", status: "204" }, tag: "x" } }),
    event({ event: { user_id: "u1", action: "login" }, index: "user-activities" }),
    event({ event: "not a request" }),
  ];
  for (const separator of ["", "\n\n"]) {
    const { json } = await hec("/event", { body: body.join(separator), query: DIRECT });
    expect(json).toEqual({ text: "Success", code: 0 });
  }
  expect(await rowsOf()).toMatchObject([
    { path: "/a", at: "2026-11-30 10:00:00+00", extra: { host: "web1", sourcetype: "nginx", region_name: "eu" } },
    { path: "/c", at: expect.stringContaining(".123+00"), extra: { index: "main" } },
    { path: "/d", status: 204, extra: { tag: "x" } },
  ]);
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ inserted_total: 3, duplicates_total: 3, dead_total: 2 });
  expect(await intakeSums(ctx, "user_activities")).toMatchObject({ inserted_total: 1, duplicates_total: 1 });
  for (const host of ["web2", "web3", "web2"]) {
    const raw = await hec("/raw/1.0", { body: `${LINE}\n${LINE}\n`, query: `${DIRECT}&channel=c&host=${host}` });
    expect(raw.json).toEqual({ text: "Success", code: 0 });
  }
  expect(await intakeSums(ctx, "access_logs")).toMatchObject({ inserted_total: 7, duplicates_total: 5 });
});

test.each([
  ["", "", 400, { code: 5 }],
  ["", "text", 400, { code: 6, "invalid-event-number": 0 }],
  ["", `${JSON.stringify({ event: OWN })}{"event":`, 400, { code: 6, "invalid-event-number": 1 }],
  ["", '{"time":1}', 400, { code: 12, "invalid-event-number": 0 }],
  ["", `${JSON.stringify({ event: OWN })}{"event":""}`, 400, { code: 13, "invalid-event-number": 1 }],
  ["", '{"event":"a","fields":1}', 400, { code: 15 }],
  ["/raw", "\n", 400, { code: 5 }],
  ["/ack", '{"acks":[1]}', 400, { code: 14 }],
])("Splunk's collector refuses %s %s as the original does", async (path, body, status, json) => {
  expect(await hec(path, { body, query: DIRECT })).toMatchObject({ status, json });
  expect(await rowsOf()).toEqual([]);
});

test("Splunk's collector reports its health", async () => {
  const { status, json } = await hec("/health", { method: "GET", headers: { authorization: "" } });
  expect([status, json]).toEqual([200, { text: "HEC is healthy", code: 17 }]);
});

/** Serves the endpoint, and breaks the connections of some requests before or after they are stored. */
async function serveWithFaults(fault: (request: number) => "before" | "after" | undefined) {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const number = incoming.method === "POST" ? ++count : 0;
    if (fault(number) === "before") return void incoming.socket.destroy();
    const body = incoming.method === "POST" ? Readable.toWeb(incoming) : undefined;
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const url = new URL(incoming.url ?? "", "http://localhost");
    const request = new Request(url, { method: incoming.method, headers, body, duplex: "half" } as RequestInit);
    const path = url.pathname.split("/").slice(4);
    void elasticsearch.POST(request, { params: Promise.resolve({ path }) }).then(async (response) => {
      if (fault(number) === "after") return void incoming.socket.destroy();
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/api/collect/elasticsearch`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

const FAULTS = [undefined, "after", "before"] as const;

test("Elasticsearch's own client stores each event once, through broken connections", async () => {
  await using server = await serveWithFaults((request) => FAULTS[request]);
  const client = new Client({ node: server.url, Connection: HttpConnection, auth: { apiKey: key }, maxRetries: 10 });
  const events = Array.from({ length: 2_000 }, (_, n) => ({ ...OWN, request_path: `/${n}` }));
  const onDocument = () => ({ create: { _index: "app" } });
  const result = await client.helpers.bulk({ datasource: events, onDocument, flushBytes: 50_000, concurrency: 2 });
  await client.close();
  expect(result).toMatchObject({ successful: 2_000, failed: 0 });
  await drain(ctx, "access_logs");
  const { inserted_total, duplicates_total } = await intakeSums(ctx, "access_logs");
  expect(inserted_total).toBe(2_000);
  expect(duplicates_total).toBeGreaterThan(0);
});

/** Milliseconds. */
const MAX_BLOCKED_MS = 100;

const nested = (open: string, close: string, levels = 40_000) => open.repeat(levels) + close.repeat(levels);

test.each([
  ["a bulk request with too many items", "_bulk", '{"create":{}}\n{}\n'.repeat(110_000), 413],
  ["one line", "_bulk", `{"create":{}}\n"${"x".repeat(20_000_000)}`, 200],
  ["an action of many members", "_bulk", `{"create":{${'"a":1,'.repeat(40_000)}"b":1}}\n{}\n`, 200],
  ["a list of many levels", "_bulk", `{"create":{}}\n${nested("[", "]")}\n`, 200],
  ["an object of many levels", "_bulk", `{"create":{}}\n${nested('{"a":', "}").replace("}", "1}")}\n`, 200],
  ["an event with a list of many levels", "", `{"event":${nested("[", "]")}}`, 200],
  ["an event of many levels", "", `{"event":${nested('{"a":', "}").replace("}", "1}")}}`, 200],
  ["too many events", "", '{"event":1}'.repeat(110_000), 413],
  ["an open text", "", `{"event":"${"\\".repeat(20_000_000)}`, 400],
  ["too many lines", "/raw", "a\n".repeat(110_000), 413],
])("%s does not block others", async (_, path, body, status) => {
  let shortest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5 && shortest > MAX_BLOCKED_MS; attempt++) {
    const blocked = await longestBlock(async () => {
      const answer = path === "_bulk" ? await elastic(path, { body }) : await hec(path, { body });
      expect(answer.status).toBe(status);
    });
    shortest = Math.min(shortest, blocked);
  }
  expect(shortest).toBeLessThan(MAX_BLOCKED_MS);
});

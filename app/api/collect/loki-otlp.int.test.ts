import { gzipSync } from "node:zlib";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { compress } from "snappyjs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { type Context, provideContext } from "@/server/process/context";
import { createApiKey } from "@/server/services/accounts";
import { longestBlock } from "@/server/testing/event-loop";
import { setUpIntake } from "@/server/testing/intake";
import * as loki from "./loki/api/v1/push/route";
import * as otlp from "./otlp/v1/logs/route";

const LINE = '203.0.113.7 - - [30/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"';
/** 2026-11-30T10:00:00.123456789Z. */
const NANOS = "1796032800123456789";
const JSON_TYPE = { "content-type": "application/json" };
const PROTOBUF = { "content-type": "application/x-protobuf" };

let ctx: Context;
let key: string;
setUpIntake((context) => {
  ctx = context;
});
beforeAll(async () => {
  provideContext(ctx);
  key = (await createApiKey(ctx, { name: "collector", role: "operator" })).key;
});
beforeEach(() => ctx.db.sql`truncate access_logs, user_activity_logs, dead_letters`);

async function send(
  at: typeof loki.POST,
  body: string | Uint8Array,
  headers: Record<string, string>,
  query = "mode=direct",
) {
  const request = new Request(`http://localhost/push?${query}`, {
    method: "POST",
    body: typeof body === "string" ? body : Buffer.from(body),
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const response = await at(request);
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}
const push = (body: string | Uint8Array, headers: Record<string, string>, query?: string) =>
  send(loki.POST, body, headers, query);
const logs = (body: string | Uint8Array, headers: Record<string, string>, query?: string) =>
  send(otlp.POST, body, headers, query);

const rows = () => ctx.db.sql`
  select host(ip_address) as ip, request_path as path, status_code as status, created_at::text as at, extra
  from access_logs order by request_path`;
const counts = async () => {
  const [row] = await ctx.db.sql<{ requests: number; activities: number; dead: number }[]>`
    select (select count(*)::int from access_logs) as requests, (select count(*)::int from user_activity_logs) as activities,
      (select count(*)::int from dead_letters) as dead`;
  return row;
};

type Build = (writer: BinaryWriter) => unknown;
const nested = (writer: BinaryWriter, field: number, build: Build) => {
  writer.tag(field, WireType.LengthDelimited).fork();
  build(writer);
  writer.join();
};
const text = (writer: BinaryWriter, field: number, value: string) =>
  writer.tag(field, WireType.LengthDelimited).string(value);
const message = (build: Build) => {
  const writer = new BinaryWriter();
  build(writer);
  return writer.finish();
};

const lokiMessage = message((request) =>
  nested(request, 1, (stream) => {
    text(stream, 1, '{app="web", env="pr\\"od"}');
    for (const line of [LINE, '{"ip":"203.0.113.8","path":"/b","status":404}', "no request"]) {
      nested(stream, 2, (entry) => {
        nested(entry, 1, (time) => {
          time.tag(1, WireType.Varint).int64("1796032800");
          time.tag(2, WireType.Varint).int32(123_456_789);
        });
        text(entry, 2, line);
        nested(entry, 3, (pair) => {
          text(pair, 1, "trace");
          text(pair, 2, "t1");
        });
      });
    }
  }),
);
const lokiJson = {
  streams: [
    {
      stream: { app: "web", env: 'pr"od' },
      values: [LINE, '{"ip":"203.0.113.8","path":"/b","status":404}', "no request"].map((line) => [
        NANOS,
        line,
        { trace: "t1" },
      ]),
    },
  ],
};

test("A push to Loki in JSON or Protobuf becomes the same rows, once, with labels and metadata", async () => {
  expect(await push(compress(lokiMessage), PROTOBUF)).toMatchObject({ status: 204, bytes: Buffer.alloc(0) });
  expect(await counts()).toEqual({ requests: 2, activities: 0, dead: 1 });
  expect(await rows()).toMatchObject([
    {
      ip: "203.0.113.7",
      path: "/a",
      status: 200,
      at: "2026-11-30 10:00:00+00",
      extra: { app: "web", env: 'pr"od', trace: "t1" },
    },
    { ip: "203.0.113.8", path: "/b", status: 404, at: "2026-11-30 10:00:00.123456+00" },
  ]);
  const again = [
    await push(JSON.stringify(lokiJson), JSON_TYPE),
    await push(gzipSync(JSON.stringify(lokiJson)), { ...JSON_TYPE, "content-encoding": "gzip" }),
    await push(compress(lokiMessage), { ...PROTOBUF, "content-encoding": "snappy" }),
  ];
  expect(again.map(({ status }) => status)).toEqual([204, 204, 204]);
  expect(await counts()).toEqual({ requests: 2, activities: 0, dead: 1 });
});

test("The label job, or ?table=, sends lines of Loki to user activities, whose columns labels can be", async () => {
  const stream = { job: "shop-user-activities", user_id: "u1", action: "login" };
  const body = JSON.stringify({ streams: [{ stream, values: [[NANOS, "signed in"]] }] });
  expect((await push(body, JSON_TYPE)).status).toBe(204);
  expect(await ctx.db.sql`select user_id, action, extra ->> 'message' as message from user_activity_logs`).toEqual([
    expect.objectContaining({ user_id: "u1", action: "login", message: "signed in" }),
  ]);
});

const attribute = (name: string, value: object) => ({ key: name, value });
const otlpJson = {
  resourceLogs: [
    {
      resource: { attributes: [attribute("service.name", { stringValue: "shop" })] },
      scopeLogs: [
        {
          scope: { name: "http" },
          logRecords: [
            {
              timeUnixNano: NANOS,
              severityNumber: 9,
              body: { stringValue: "served" },
              traceId: "5B8EFFF798038103D269B633813FC60C",
              attributes: [
                attribute("client.address", { stringValue: "203.0.113.9" }),
                attribute("url.path", { stringValue: "/o" }),
                attribute("http.response.status_code", { intValue: "200" }),
                attribute("tags", { arrayValue: { values: [{ boolValue: true }, { doubleValue: 0.5 }] } }),
              ],
            },
            { timeUnixNano: NANOS, body: { stringValue: LINE } },
            { observedTimeUnixNano: NANOS, body: { stringValue: "no request" } },
          ],
        },
      ],
    },
  ],
};
const pair = (writer: BinaryWriter, field: number, name: string, build: Build) =>
  nested(writer, field, (one) => {
    text(one, 1, name);
    nested(one, 2, build);
  });
const otlpMessage = message((request) =>
  nested(request, 1, (group) => {
    nested(group, 1, (resource) => pair(resource, 1, "service.name", (value) => text(value, 1, "shop")));
    nested(group, 2, (scoped) => {
      nested(scoped, 1, (scope) => text(scope, 1, "http"));
      nested(scoped, 2, (record) => {
        record.tag(1, WireType.Bit64).fixed64(NANOS).tag(2, WireType.Varint).int32(9);
        nested(record, 5, (body) => text(body, 1, "served"));
        pair(record, 6, "client.address", (value) => text(value, 1, "203.0.113.9"));
        pair(record, 6, "url.path", (value) => text(value, 1, "/o"));
        pair(record, 6, "http.response.status_code", (value) => value.tag(3, WireType.Varint).int64(200));
        pair(record, 6, "tags", (value) =>
          nested(value, 5, (list) => {
            nested(list, 1, (item) => item.tag(2, WireType.Varint).bool(true));
            nested(list, 1, (item) => item.tag(4, WireType.Bit64).double(0.5));
          }),
        );
        record.tag(9, WireType.LengthDelimited).bytes(Buffer.from("5b8efff798038103d269b633813fc60c", "hex"));
      });
      nested(scoped, 2, (record) => {
        record.tag(1, WireType.Bit64).fixed64(NANOS);
        nested(record, 5, (body) => text(body, 1, LINE));
      });
      nested(scoped, 2, (record) => {
        record.tag(11, WireType.Bit64).fixed64(NANOS);
        nested(record, 5, (body) => text(body, 1, "no request"));
      });
    });
  }),
);

test("Records of OTLP in JSON or Protobuf become the same rows, once, and rejected ones are a partial success", async () => {
  const first = await logs(JSON.stringify(otlpJson), JSON_TYPE);
  expect([first.status, JSON.parse(first.bytes.toString())]).toEqual([
    200,
    { partialSuccess: { rejectedLogRecords: "1", errorMessage: expect.stringMatching(/\S/) } },
  ]);
  expect(await rows()).toMatchObject([
    { ip: "203.0.113.7", path: "/a", extra: { otel: { resource: { "service.name": "shop" }, scope: "http" } } },
    {
      ip: "203.0.113.9",
      path: "/o",
      status: 200,
      at: "2026-11-30 10:00:00.123456+00",
      extra: {
        message: "served",
        tags: [true, 0.5],
        otel: { severity: 9, trace_id: "5b8efff798038103d269b633813fc60c" },
      },
    },
  ]);
  const second = await logs(gzipSync(otlpMessage), { ...PROTOBUF, "content-encoding": "gzip" });
  expect([second.status, second.headers.get("content-type")]).toEqual([200, "application/x-protobuf"]);
  const partial = new BinaryReader(second.bytes);
  partial.tag();
  const inner = new BinaryReader(partial.bytes());
  inner.tag();
  expect(Number(inner.int64())).toBe(1);
  expect(await counts()).toEqual({ requests: 2, activities: 0, dead: 1 });
});

test("Nothing to report is an empty answer of OTLP", async () => {
  const none = await logs(JSON.stringify({ resourceLogs: [] }), JSON_TYPE);
  expect([none.status, none.bytes.toString()]).toEqual([200, "{}"]);
  expect(await logs(new Uint8Array(), PROTOBUF)).toMatchObject({ status: 200, bytes: Buffer.alloc(0) });
});

test("Malformed, truncated and hostile requests are refused as the original does, and store nothing", async () => {
  const deep = (levels: number): Uint8Array => {
    let value: Uint8Array = message((any) => text(any, 1, "x"));
    for (let level = 0; level < levels; level++) {
      const inner = value;
      value = message((any) => nested(any, 5, (list) => list.tag(1, WireType.LengthDelimited).bytes(inner)));
    }
    return message((request) =>
      nested(request, 1, (group) =>
        nested(group, 2, (scoped) =>
          nested(scoped, 2, (record) => record.tag(5, WireType.LengthDelimited).bytes(value)),
        ),
      ),
    );
  };
  const cases: [Promise<{ status: number }>, number][] = [
    [push(lokiMessage, PROTOBUF), 400],
    [push(compress(lokiMessage.subarray(0, 100)), PROTOBUF), 400],
    [push(Buffer.from("ffffffff0f00", "hex"), PROTOBUF), 413],
    [push(compress(message((request) => nested(request, 1, (stream) => text(stream, 1, "{app=web}")))), PROTOBUF), 400],
    [push('{"streams":[{"stream":{},"values":[["x","y"]]}]}', JSON_TYPE), 400],
    [push("{", JSON_TYPE), 400],
    [push("{}", { ...JSON_TYPE, authorization: "Bearer none" }), 401],
    [logs(otlpMessage.subarray(0, 100), PROTOBUF), 400],
    [logs(deep(200), PROTOBUF), 400],
    [logs('{"resourceLogs":{}}', JSON_TYPE), 400],
    [logs(`{"resourceLogs":${"[".repeat(10_000)}`, JSON_TYPE), 400],
    [logs("{}", { "content-type": "text/plain" }), 415],
    [
      logs(
        message((request) => Array.from({ length: 100_001 }, () => nested(request, 1, () => {}))),
        PROTOBUF,
      ),
      413,
    ],
  ];
  for (const [answer, status] of cases) expect((await answer).status).toBe(status);
  expect(await counts()).toEqual({ requests: 0, activities: 0, dead: 0 });
});

test("Large hostile requests do not block the event loop", async () => {
  const values = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[${"{},".repeat(150_000)}{}]}]}]}]}`;
  const lines = message((request) =>
    nested(request, 1, (stream) => {
      for (let line = 0; line < 500; line++)
        nested(stream, 2, (entry) => text(entry, 2, `${line} ${"x".repeat(4_000)}`));
    }),
  );
  const compressed = compress(lines);
  // Compiles the code.
  await push(compressed, PROTOBUF);
  expect(await longestBlock(() => logs(values, JSON_TYPE))).toBeLessThan(100);
  expect(await longestBlock(() => push(compressed, PROTOBUF))).toBeLessThan(100);
});

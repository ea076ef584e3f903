import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { listDeadLetters } from "@/server/services/dead-letters/dead-letters";
import { replayDeadLetters } from "@/server/services/dead-letters/replay";
import { setUpIntake, takeIn } from "@/server/testing/intake";
import { type IngestOptions, ingest } from "./ingest";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const line = (path: string) => `10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET ${path} HTTP/1.1" 200 1 "-" "-"\n`;

/** `user_id,action` and rows with 登录 and 查看案件, in GBK. */
const GBK = Buffer.concat([
  Buffer.from("user_id,action\nu1,"),
  Buffer.from([0xb5, 0xc7, 0xc2, 0xbc]),
  Buffer.from("\nu2,"),
  Buffer.from([0xb2, 0xe9, 0xbf, 0xb4, 0xb0, 0xb8, 0xbc, 0xfe]),
  Buffer.from("\n"),
]);
const TEXT = "user_id,action\nu1,登录\nu2,查看案件\n";
const utf16 = (text: string) => Buffer.from(text, "utf16le");
const swapped = (text: string) => utf16(text).swap16();

function take(bytes: Uint8Array, options: Partial<IngestOptions> = {}, table: LogTableName = "user_activities") {
  return takeIn(ctx, table, bytes, options);
}

async function actions(): Promise<string[]> {
  const rows = await ctx.db.sql<{ action: string }[]>`select action from user_activity_logs order by user_id`;
  return rows.map(({ action }) => action);
}

describe("Text in an encoding other than UTF-8", () => {
  test.each([
    ["GBK, declared as gb18030", GBK, "gb18030"],
    ["GBK, declared as GBK", GBK, "GBK"],
    ["GBK in gzip", gzipSync(GBK), "gb18030"],
    ["UTF-16 by its mark", utf16(`\uFEFF${TEXT}`), undefined],
    ["UTF-16 by its mark, the other way round", swapped(`\uFEFF${TEXT}`), undefined],
    ["UTF-16 without a mark, declared", utf16(TEXT), "utf-16le"],
    ["UTF-16 without a mark the other way round, declared", swapped(TEXT), "utf-16be"],
    ["UTF-8", Buffer.from(TEXT), undefined],
    ["UTF-8, declared", Buffer.from(`\uFEFF${TEXT}`), "utf-8"],
  ])("is read: %s", async (_, bytes, encoding) => {
    expect(await take(bytes, { encoding })).toMatchObject({ received: 2, inserted: 2, rejected: 0 });
    expect(await actions()).toEqual(["登录", "查看案件"]);
  });

  test("is read for any chunk boundaries", async () => {
    const bytes = [...GBK].map((byte) => Buffer.from([byte]));
    await ingest(ctx, "user_activities", Readable.from(bytes), { format: "csv", mode: "direct", encoding: "gbk" });
    expect(await actions()).toEqual(["登录", "查看案件"]);
  });

  test.each([
    ["CSV", GBK, "gb18030"],
    [
      "NDJSON",
      Buffer.concat([
        Buffer.from('{"user_id":"1","action":"'),
        Buffer.from([0xb5, 0xc7, 0xc2, 0xbc]),
        Buffer.from('"}\n'),
      ]),
      "gb18030",
    ],
    ["UTF-16 without a mark", utf16(TEXT), "utf-16le"],
    ["UTF-16 without a mark the other way round", swapped(TEXT), "utf-16be"],
    ["Latin-1", Buffer.from("user_id,action\nJos\xe9,caf\xe9s\n", "latin1"), "windows-1252"],
  ])(
    "without a given encoding is rejected before anything is stored, with the encoding to name: %s",
    async (_, bytes, best) => {
      await expect(take(bytes)).rejects.toMatchObject({
        kind: "UNPROCESSABLE",
        message: expect.stringContaining(`--encoding ${best}`),
      });
      const [row] = await ctx.db
        .sql`select (select count(*) from user_activity_logs) + (select count(*) from dead_letters) as n`;
      expect(Number(row?.n)).toBe(0);
    },
  );

  test("with an unknown name is rejected", async () => {
    await expect(take(GBK, { encoding: "klingon" })).rejects.toMatchObject({ kind: "UNPROCESSABLE" });
  });

  test("with a wrong name loses only the undecodable lines, whose bytes are in the dead letter", async () => {
    const bytes = Buffer.concat([GBK, Buffer.from("u3,"), Buffer.from([0xff, 0xff]), Buffer.from("\n")]);
    expect(await take(bytes, { encoding: "gb18030" })).toMatchObject({ inserted: 2, rejected: 1 });
    const [letter] = await ctx.db.sql`select payload, error::jsonb from dead_letters`;
    expect(letter).toEqual({
      payload: "u3,\\xff\\xff",
      error: { code: "event.not_utf8", params: { field: expect.stringMatching(/^(row|line)$/) } },
    });
  });
});

describe("Invalid bytes", () => {
  test("in a log line are stored as \\xNN, and no line is lost", async () => {
    const bytes = Buffer.concat([
      Buffer.from(line("/a")),
      Buffer.from(line("/b?q=\xb5\xc7"), "latin1"),
      Buffer.from(line("/登录")),
    ]);
    expect(await take(bytes, {}, "access_logs")).toMatchObject({ inserted: 3, rejected: 0 });
    const rows = await ctx.db.sql`select request_path from access_logs order by request_path collate "C"`;
    expect(rows.map((row) => row.request_path)).toEqual(["/a", "/b?q=\\xb5\\xc7", "/登录"]);
  });

  test("in one line of CSV among UTF-8 lines reject only that line", async () => {
    const bytes = Buffer.concat([Buffer.from(TEXT), Buffer.from("u3,"), Buffer.from([0xff]), Buffer.from("\nu4,d\n")]);
    expect(await take(bytes)).toMatchObject({ inserted: 3, rejected: 1, errors: [{ line: 4 }] });
  });
});

test("NUL bytes left by a log rotation do not invalidate the first line", async () => {
  const bytes = Buffer.concat([
    Buffer.alloc(300_000),
    Buffer.from(line("/first")),
    Buffer.alloc(10),
    Buffer.from(line("/second")),
  ]);
  expect(await take(bytes, {}, "access_logs")).toMatchObject({ received: 2, inserted: 2 });
  const rows = await ctx.db.sql`select request_path from access_logs order by request_path`;
  expect(rows.map((row) => row.request_path)).toEqual(["/first", "/second"]);
});

describe("CSV saved by Excel", () => {
  test("is read with its delimiter, its dates and times since 1970", async () => {
    const rows = [
      "u1;a;2024/1/31 8:00",
      "u2;b;1687760693.123",
      "u3;c;1687760693123",
      "u4;d;26/Jun/2023:14:24:53 +0800",
    ];
    const text = ["sep=;", "user_id;action;created_at", ...rows, "u5;e;2023-06-26 06:24:53 UTC", ""].join("\r\n");
    expect(await take(Buffer.from(`\uFEFF${text}`))).toMatchObject({ inserted: 5, rejected: 0 });
    const stored = await ctx.db.sql`select created_at from user_activity_logs order by user_id`;
    expect(stored.map((row) => row.created_at)).toEqual([
      "2024-01-31 00:00:00+00",
      "2023-06-26 06:24:53.123+00",
      "2023-06-26 06:24:53.123+00",
      "2023-06-26 06:24:53+00",
      "2023-06-26 06:24:53+00",
    ]);
  });

  test("is replayed from the dead letters with its delimiter, and its header is stored once", async () => {
    const text = "user_id;action;created_at\nu1;a;never\nu2;b;2024/1/31 8:00\nu3;c;never\n";
    expect(await take(Buffer.from(text))).toMatchObject({ inserted: 1, rejected: 2 });
    const headers = await ctx.db.sql`select header from csv_headers`;
    expect([...headers]).toEqual([{ header: "user_id;action;created_at" }]);

    const { items } = await listDeadLetters(ctx, { limit: 10 });
    expect(items.map((letter) => letter.csv_header)).toEqual([
      "user_id;action;created_at",
      "user_id;action;created_at",
    ]);
    for (const letter of items) {
      const edited = letter.payload.replace("never", "2024/2/1 9:00");
      expect(await replayDeadLetters(ctx, { ids: [letter.id] }, COMMAND_LINE, edited)).toMatchObject({ inserted: 1 });
    }
    expect(await actions()).toEqual(["a", "b", "c"]);
    expect([...(await ctx.db.sql`select id from csv_headers`)]).toEqual([]);
  });
});

import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { LogTableName } from "@/server/catalog";
import { COMMAND_LINE, type Context } from "@/server/process/context";
import { saveRules } from "@/server/services/intake-rules";
import { setUpIntake, takeIn } from "@/server/testing/intake";
import type { PreviewRequest } from "../contract";
import { previewImport } from "./preview-import";

let ctx: Context;
setUpIntake((context) => {
  ctx = context;
});

const line = (path: string) => `10.0.0.1 - - [10/Oct/2020:13:55:36 -0700] "GET ${path} HTTP/1.1" 200 1 "-" "curl/8"\n`;
const preview = (text: string | Uint8Array, request: Partial<PreviewRequest> = {}) =>
  previewImport(ctx, { sample: Buffer.from(text), isWhole: true, ...request });
const problems = async (text: string, request: Partial<PreviewRequest> = {}) =>
  (await preview(text, request)).records.map(({ problem }) => problem);

test.each([
  ["log lines", "access_logs", "combined", `${line("/a")}nonsense\n${line("/b").slice(0, -3)}\n`],
  [
    "NDJSON",
    "user_activities",
    "ndjson",
    '{"uid":"1","event":"a","ts":"never"}\n{"user_id":"2","action":"b"}\n{\n[1]\n',
  ],
  ["CSV", "access_logs", "csv", "remote_addr;uri;response_time\n10.0.0.1;/;0.3\nunknown;/;1\n10.0.0.1;/;12\n1;2\n"],
  [
    "a JSON document",
    "access_logs",
    "json",
    '[{"ip":"10.0.0.1","path":"/","status_code":"abc"},{"ip":"::1%0","url":"/b","status":404},7]',
  ],
] as const)("The preview of %s has the same rows and reasons as the import", async (_, table, format, text) => {
  const shown = await preview(text);
  expect(shown).toMatchObject({ table, format, encoding: "utf-8", problem: null, is_binary: false });
  const result = await takeIn(ctx, table, text);
  expect(shown.records.filter(({ row }) => row !== null)).toHaveLength(result.inserted);
  const refused = shown.records.filter(({ problem }) => problem !== null);
  expect(refused.map(({ line: number, problem }) => ({ line: number, error: problem }))).toEqual(result.errors);
  const stored = await ctx.db.sql.unsafe(
    `select row_to_json(logs) as row from ${table === "access_logs" ? "access_logs" : "user_activity_logs"} logs`,
  );
  const withoutId = ({ id: _id, created_at: _at, import_id: _import, ...row }: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? String(value) : value]),
    );
  const rows = shown.records.flatMap(({ row }) => (row ? [withoutId(row)] : []));
  expect(rows).toEqual(expect.arrayContaining(stored.map(({ row }) => withoutId(row))));
});

test.each(["user_id,action\n1,a\n", '{"user_id":"1","action":"a"}\n'])(
  "Records without a time are previewed with the time that they are stored with: %s",
  async (text) => {
    const lastModified = new Date("2024-05-06T07:08:09.876Z");
    const shown = await preview(text, { lastModified, table: "user_activities" });
    await takeIn(ctx, "user_activities", text, { fileName: "undated", lastModified });
    const [stored] = await ctx.db.sql<{ at: string }[]>`select created_at as at from user_activity_logs`;
    const times = [String(shown.records[0]?.row?.created_at), stored?.at ?? ""];
    expect(times.map((time) => new Date(time).toISOString())).toEqual(Array(2).fill("2024-05-06T07:08:09.000Z"));
  },
);

test("It suggests the best encoding, and reads in the chosen one", async () => {
  const gbk = Buffer.concat([
    Buffer.from("user_id,action\n1,"),
    Buffer.from([0xb5, 0xc7, 0xc2, 0xbc]),
    Buffer.from("\n"),
  ]);
  const guessed = await preview(gbk);
  expect(guessed).toMatchObject({
    encoding: "gb18030",
    table: "user_activities",
    records: [{ row: { action: "登录" } }],
  });
  const wrong = await preview(gbk, { encoding: "utf-8", format: "csv", table: "user_activities" });
  expect(wrong.records[0]?.problem?.code).toBe("event.not_utf8");
});

test("It reads the available part of a longer file, and stops after twenty records", async () => {
  const cut = line("/cut").slice(0, 30);
  expect(await problems(`${line("/a")}${line("/b")}${cut}`, { isWhole: false })).toEqual([null, null]);
  expect(
    await problems(`[{"user_id":"1","action":"a"},{"user_id":"2","act`, { isWhole: false, format: "json" }),
  ).toEqual([null]);
  expect(await problems(line("/a").repeat(1_000))).toHaveLength(20);
});

test.each<[string, LogTableName | undefined, LogTableName]>([
  ["nothing known", undefined, "access_logs"],
  ["nothing known, from the page of the other table", "user_activities", "user_activities"],
])("For a file with %s the table is the requested one", async (_, preferred, table) => {
  expect(await preview('{"nothing":"known"}\n', { preferred })).toMatchObject({ table, records: [{ row: null }] });
});

test("An unreadable CSV header and a binary file are reported as such", async () => {
  expect(await preview("user_id,when\n1,2\n", { format: "csv", table: "user_activities" })).toMatchObject({
    problem: { code: "intake.csv_header_missing", params: { names: "action" } },
    records: [],
  });
  expect(await preview(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 1, 0, 2, 0x41, 0, 0))).toMatchObject({
    is_binary: true,
  });
});

test("The preview of a compressed file shows the rows of its beginning", async () => {
  const text = Array.from({ length: 2_000 }, (_, index) => line(`/${index}`)).join("");
  const sample = gzipSync(text).subarray(0, 2_000);
  const shown = await preview(sample, { isWhole: false });
  expect(shown).toMatchObject({ table: "access_logs", format: "combined", problem: null, is_binary: false });
  expect(shown.records[0]?.row).toMatchObject({ request_path: "/0" });
  expect(shown.records).toHaveLength(20);
});

test("The preview names the intake rules that drop or redact a line", async () => {
  const rule = { id: randomUUID(), enabled: true } as const;
  await saveRules(ctx, COMMAND_LINE, {
    table: "access_logs",
    version: 0,
    rules: [
      { ...rule, name: "Probes", action: "drop", filter: "request_path:/health" },
      {
        ...rule,
        id: randomUUID(),
        name: "Phones",
        action: "redact",
        filter: null,
        columns: ["request_path"],
        kinds: ["mobile_phone"],
        patterns: [],
      },
    ],
  });
  const { records } = await preview(`${line("/health")}${line("/a?p=13812345678")}${line("/b")}`);
  expect(records).toMatchObject([
    { row: null, problem: null, dropped_by: "Probes" },
    { row: { request_path: "/a?p=[redacted]" }, dropped_by: null, redacted_by: ["Phones"] },
    { row: { request_path: "/b" }, redacted_by: [] },
  ]);
});

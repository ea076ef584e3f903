import { createReadStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { ingest } from "@/server/services/intake";
import type { Row } from "@/server/services/intake/batch";
import { storeClaim } from "@/server/services/intake/insert";
import { NO_RULES } from "@/server/services/intake/rules/rule-set";
import { storeRows } from "@/server/services/intake/store/store-batch";
import { jobRun } from "@/server/testing/cleanup";
import { createTestContext, type TestContext } from "@/server/testing/context";
import { runExport } from "./run-export";

let opened: TestContext;
let ctx: Context;
beforeAll(async () => {
  opened = await createTestContext({ env: { APP_TIMEZONE: "Asia/Kathmandu" } });
  ctx = opened.context;
});
afterAll(() => opened?.close());

/** Any value that PostgreSQL accepts, with emphasis on CSV syntax, formulas and their guard. */
const text = fc
  .oneof(
    fc.constantFrom(
      "",
      "'",
      "''",
      "'=1",
      "''=1",
      "=1",
      "-1",
      "@a",
      "\ta",
      "\ra",
      "'\ra",
      "'a",
      "a,b",
      'a"b',
      '""',
      "a\nb",
      "a\r\n",
      "\\.",
      "\\N",
      "NULL",
      "null",
      " ",
      "汉字",
      "\uFEFF",
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ unit: fc.constantFrom("'", "=", '"', ",", "\n", "\r", " ", "x"), maxLength: 6 }),
  )
  .map((value) => value.replaceAll("\0", "").toWellFormed());
const optional = fc.option(text);
const short = fc.option(text.map((value) => value.slice(0, 5).toWellFormed()));
const json = fc
  .oneof(
    fc.constantFrom("null", "true", "5", "1.10", "12345678901234567890.123456789", '"text"', '""', '"{}"', "[]", "{}"),
    fc.jsonValue().map((value) =>
      JSON.stringify(value)
        .replaceAll("\\u0000", "")
        .replace(/\\ud[89a-f]../g, ""),
    ),
  )
  .filter(isJson);
const extra = fc.option(fc.oneof(json, fc.constantFrom('{"extra": {"a": 1}}', '{"status": "x", "id": 1}')));
const time = fc
  .integer({ min: 0, max: 999_999 })
  .map((micros) => `2024-05-06T07:08:09.${String(micros).padStart(6, "0")}Z`);
const address = fc.oneof(fc.ipV4(), fc.ipV6());

const rowsOf: Record<"access_logs" | "user_activities", fc.Arbitrary<Row>> = {
  access_logs: fc.tuple(
    fc.uuid(),
    time,
    optional,
    short,
    address,
    optional,
    optional,
    text,
    short,
    fc.option(fc.integer({ min: 0, max: 999 }).map(String)),
    fc.option(fc.nat().map(String)),
    short,
    short,
    short,
    short,
    short,
    short,
    extra,
  ),
  user_activities: fc.tuple(
    fc.uuid(),
    time,
    text,
    text,
    short,
    optional,
    fc.option(json),
    fc.option(fc.oneof(address, text)),
    optional,
    short,
    extra,
  ),
};

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

async function drain(table: LogTableName): Promise<void> {
  const limits = { events: 1_000, bytes: 8_000_000 };
  while (
    (await ctx.queue.consume(table, limits, async (claim, tx) => void (await storeClaim(ctx, table, claim, tx)))) > 0
  );
}

async function tableText(table: LogTableName): Promise<string[]> {
  const { tableName, columns } = logTables[table];
  // The whole row in PostgreSQL's text format: NULL differs from empty text, and JSON is compared exactly.
  const rows = await ctx.db.sql.unsafe<{ line: string }[]>(
    `select row(${columns.map(({ name }) => name).join(", ")})::text as line from ${tableName} order by id`,
  );
  return rows.map(({ line }) => line);
}

async function exported(table: LogTableName, compress: "none" | "gzip", bom: boolean): Promise<string> {
  const params = { export_type: table, format: "csv", filters: {}, compress, bom } as const;
  const { file_path } = await runExport(ctx, jobRun(params));
  return path.join(ctx.config.dataDir, file_path);
}

test.each(["access_logs", "user_activities"] as const)(
  "Rows of %s that were exported and deleted are restored from their CSV equal in every column",
  async (table) => {
    const { tableName } = logTables[table];
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(rowsOf[table], { selector: (row) => row[0], minLength: 1, maxLength: 40 }),
        fc.constantFrom("direct" as const, "queued" as const),
        fc.boolean(),
        async (rows, mode, isPlain) => {
          await ctx.db.sql.unsafe(`truncate ${tableName}`);
          const batch = {
            table,
            rows: rows.map((row) => [...row]),
            events: [],
            origin: {
              receivedAt: "2024-01-01T00:00:00.000000Z",
              source: "test",
              format: "csv" as const,
              rules: NO_RULES,
            },
            undated: [],
            dead: [],
            dropped: [],
          };
          await ctx.db.sql.begin((tx) => storeRows(ctx, tx, batch));
          const before = await tableText(table);
          expect(before).toHaveLength(rows.length);

          const file = await exported(table, isPlain ? "none" : "gzip", isPlain);
          await ctx.db.sql.unsafe(`truncate ${tableName}`);
          const result = await ingest(ctx, table, createReadStream(file), { format: "auto", mode });
          expect(result).toMatchObject({ received: rows.length, rejected: 0, errors: [] });
          await drain(table);
          expect(await tableText(table)).toEqual(before);
        },
      ),
      { numRuns: 25 },
    );
  },
);

test("The apostrophe of a text in a file from another product is part of the text", async () => {
  await ctx.db.sql`truncate user_activity_logs`;
  const file = Buffer.from("user_id,action,resource_id\n7,a,'=1\n8,a,''-1\n");
  await ingest(ctx, "user_activities", Readable.from([file]), { format: "csv", mode: "direct" });
  const rows = await ctx.db.sql`select resource_id from user_activity_logs order by user_id`;
  expect(rows.map((row) => row.resource_id)).toEqual(["'=1", "''-1"]);
});

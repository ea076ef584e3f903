import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "@/server/process/config";
import type { ColumnarEngine } from "./engine";
import { openColumnarEngine } from "./open-engine";

let dataDir: string;
let engine: ColumnarEngine;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-columnar-"));
  engine = openColumnarEngine(loadConfig({ DATA_DIR: dataDir, EXPLORE_THREADS: "1" }), pino({ level: "silent" }));
});
afterAll(async () => {
  await engine.close();
  await rm(dataDir, { recursive: true, force: true });
});

test("Values are returned as the port documents them", async () => {
  const [row] = await engine.query(sql`
    select
      ${"a\u0000b"} as text, ${"\ufeffa"} as mark, ${5} as whole, ${true} as flag, ${null} as nothing, 9007199254740991::bigint as wide,
      3::hugeint as huge, 1.25::decimal(10, 2) as fraction, 'a8098c1a-f86e-11da-bd1a-00112444be1e'::uuid as uuid,
      '\\x04\\xC0'::blob as bytes, timestamptz '2026-01-31 08:00:00.123456+08' as at,
      timestamptz '1969-12-31 23:59:59.999999+00' as early, date '2026-01-31' as day, ['a', null, 'b'] as list,
      '{"a": 1}'::json as json`);
  expect(row).toEqual({
    text: "a\u0000b",
    mark: "\ufeffa",
    whole: 5,
    flag: true,
    nothing: null,
    wide: 9007199254740991,
    huge: 3,
    fraction: 1.25,
    uuid: "a8098c1a-f86e-11da-bd1a-00112444be1e",
    bytes: "04c0",
    at: "2026-01-31T00:00:00.123456Z",
    early: "1969-12-31T23:59:59.999999Z",
    day: "2026-01-31",
    list: ["a", null, "b"],
    json: '{"a": 1}',
  });
});

test("A stream returns all rows in order, and a query with too many rows fails", async () => {
  const statement = sql`select i, md5(i::varchar) as text from range(${150_000}) t(i)`;
  let next = 0;
  for await (const block of engine.stream(statement)) {
    expect(block.map(({ i }) => i)).toEqual(block.map((_, index) => next + index));
    next += block.length;
  }
  expect(next).toBe(150_000);
  await expect(engine.query(statement)).rejects.toMatchObject({ code: "columnar.too_many_rows" });
  expect(await engine.query(sql`select 1 as one where false`)).toEqual([]);
});

test("A statement that fails after its first rows never looks complete", async () => {
  let rows = 0;
  const read = async () => {
    for await (const block of engine.stream(sql`
      select case when i = ${1_000_000} then error('no') else i end as i from range(2000000) t(i)`))
      rows += block.length;
  };
  await expect(read()).rejects.toMatchObject({ code: "server.internal" });
  expect(rows).toBeGreaterThan(0);
});

test("A statement is cancelled by its signal and when its consumer stops", async () => {
  const endless = sql`select count(*) from range(1000000000000) t(i) where hash(i) = 1`;
  const reason = new Error("no longer needed");
  const abort = new AbortController();
  const query = engine.query(endless, { signal: abort.signal, user: "user:a" });
  await engine.query(sql`select 1`);
  abort.abort(reason);
  await expect(query).rejects.toBe(reason);
  for await (const block of engine.stream(sql`select i from range(1000000000000) t(i)`)) {
    expect(block.length).toBeGreaterThan(0);
    break;
  }
  expect(await engine.query(sql`select 2 as two`)).toEqual([{ two: 2 }]);
});

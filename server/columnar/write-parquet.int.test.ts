import { readdir } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { LOG_TABLE_NAMES, logTables } from "@/server/catalog";
import { CSV_FORMAT, csvColumns, writeParquet } from "@/server/columnar";
import { ensurePartitions } from "@/server/db/partitions";
import type { Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";

let ctx: Context;
setUpContext((context) => {
  ctx = context;
});

beforeAll(async () => {
  for (const name of LOG_TABLE_NAMES)
    await ensurePartitions(ctx.db.ddl[name], logTables[name].tableName, ["2026-05", "2026-06"]);
});

/** Texts that CSV must quote or escape, or that a reader could take for no value. */
const TEXTS = [
  null,
  "",
  '"',
  '""',
  ",",
  "a\nb",
  "\r",
  "\r\n",
  "\\",
  "\\N",
  "NULL",
  "'",
  " x ",
  "（2024）京01民终123号",
  "😀",
  "\u0001",
];
const ADDRESSES = [
  ["203.0.113.7", "04cb007107"],
  ["::1", "0600000000000000000000000000000001"],
  ["2001:DB8::ffff:1.2.3.4", "0620010db8000000000000ffff01020304"],
  ["::ffff:10.0.0.1", "0600000000000000000000ffff0a000001"],
] as const;
/** Texts of user activities that are no addresses. */
const OTHERS = ["", "10.0.0.0/8", "010.0.0.1", "1.2.3", "fe80::1%eth0", "unknown", ":::", "256.1.1.1"];

test("A Parquet file has the rows of PostgreSQL, with every text, time, JSON value and address", async () => {
  const { sql: db } = ctx.db;
  for (const [index, text] of TEXTS.entries()) {
    const at = `2026-05-01 00:00:00.${String(index).padStart(6, "0")}+00`;
    const json = index % 3 === 0 ? null : JSON.stringify({ text: text === "\u0001" ? "x" : text, amount: 1.1 });
    const [address = ""] = ADDRESSES[index % ADDRESSES.length] ?? [];
    await db`
      insert into access_logs (id, created_at, user_id, user_agent, ip_address, request_path, status_code, extra)
      values (gen_random_uuid(), ${at}, ${text}, ${text}, ${address}, ${text ?? ""}, ${index === 0 ? null : index}, ${json}::text::jsonb)`;
  }
  const addresses = [...ADDRESSES.map(([address]) => address), ...OTHERS, null];
  for (const [index, address] of addresses.entries()) {
    await db`
      insert into user_activity_logs (id, created_at, user_id, action, ip_address, details)
      values (gen_random_uuid(), ${`2026-05-0${1 + (index % 7)} 23:59:59.999999+00`}, 'u', 'a', ${address}, '[1.10, "x"]')`;
  }
  for (const name of LOG_TABLE_NAMES) {
    const table = logTables[name];
    const columns = table.columns.map((column) => column.name);
    const target = path.join(await ctx.columnar.makeFolder(), "rows.parquet");
    const written = await db.begin(async (tx) => {
      const copy = await tx
        .unsafe(
          `copy (select ${csvColumns(table)} from ${table.tableName} order by created_at, id) to stdout with ${CSV_FORMAT}`,
        )
        .readable();
      return await writeParquet(ctx.columnar, table, copy, target);
    });
    // The text of an address without its network, as in COPY.
    const texts = table.columns.map(({ name, type }) =>
      type === "inet" ? `host(${name}) as ${name}` : `${name}::text`,
    );
    const stored = await db.unsafe(`select ${texts.join(", ")} from ${table.tableName} order by created_at, id`);
    const read = await ctx.columnar.query(
      sql`select ${sql.raw(columns.map((column) => `${column}::varchar as ${column}`).join(", "))} from read_parquet(${target})`,
    );
    expect(written).toBe(stored.length);
    const times = (rows: readonly Record<string, unknown>[]) =>
      rows.map((row) => ({ ...row, created_at: new Date(String(row.created_at)).getTime() }));
    expect(times(read)).toEqual(times([...stored]));
  }
});

test("Addresses have bytes that can be compared, and other texts have none", async () => {
  const target = path.join(await ctx.columnar.makeFolder(), "rows.parquet");
  const table = logTables.user_activities;
  await ctx.db.sql.begin(async (tx) => {
    const copy = await tx
      .unsafe(`copy (select ${csvColumns(table)} from user_activity_logs) to stdout with ${CSV_FORMAT}`)
      .readable();
    await writeParquet(ctx.columnar, table, copy, target);
  });
  const read = await ctx.columnar.query(
    sql`select ip_address, hex(ip_address_bytes) as bytes from read_parquet(${target}) where ip_address is not null`,
  );
  const bytes = new Map(read.map((row) => [row.ip_address, row.bytes]));
  expect(bytes).toEqual(
    new Map<string, string | null>([
      ...ADDRESSES.map(([address, hex]) => [address, hex.toUpperCase()] as const),
      ...OTHERS.map((text) => [text, null] as const),
    ]),
  );
});

test("Bloom filters exclude users, sessions, addresses and paths that a file does not contain", async () => {
  const table = logTables.access_logs;
  const target = path.join(await ctx.columnar.makeFolder(), "rows.parquet");
  await ctx.db.sql.unsafe(`
    insert into access_logs (id, created_at, user_id, session_id, ip_address, request_path)
    select gen_random_uuid(), '2026-06-01'::timestamptz + i * interval '1 second', md5(i::text), md5('s' || i),
      '10.0.0.0'::inet + i, '/' || md5('p' || i)
    from generate_series(1, 5000) as i`);
  await ctx.db.sql.begin(async (tx) => {
    const copy = await tx
      .unsafe(`copy (select ${csvColumns(table)} from access_logs) to stdout with ${CSV_FORMAT}`)
      .readable();
    await writeParquet(ctx.columnar, table, copy, target);
  });
  for (const column of ["user_id", "session_id", "ip_address", "request_path"]) {
    const [probe] = await ctx.columnar.query(
      sql`select bool_and(bloom_filter_excludes) as excluded from parquet_bloom_probe(${target}, ${column}, 'absent')`,
    );
    expect({ column, ...probe }).toEqual({ column, excluded: true });
  }
});

test("A failure of the rows leaves no file behind", async () => {
  const target = path.join(await ctx.columnar.makeFolder(), "rows.parquet");
  async function* rows() {
    yield Buffer.from("x\n");
    throw new Error("interrupted");
  }
  await expect(writeParquet(ctx.columnar, logTables.access_logs, rows(), target)).rejects.toThrow("interrupted");
});

describe("Long files", () => {
  const table = { columns: [{ name: "n", type: "integer" }] } as const;
  const blocks = (count: number, rows: number) =>
    Array.from({ length: count }, (_, block) =>
      Buffer.from(Array.from({ length: rows }, (_, row) => `${block * rows + row}\n`).join("")),
    );
  async function* each(chunks: readonly Buffer[]) {
    yield* chunks;
  }
  const target = async () => path.join(await ctx.columnar.makeFolder(), "rows.parquet");

  test("are written in parts, with one CSV at a time, and have all rows in order", async () => {
    const file = await target();
    const seen: string[][] = [];
    const freeBytes = async (folder: string) => {
      seen.push(await readdir(folder));
      return Number.POSITIVE_INFINITY;
    };
    const options = { partBytes: 3_000, freeBytes };
    expect(await writeParquet(ctx.columnar, table, each(blocks(5, 1_000)), file, options)).toBe(5_000);
    expect(seen.map((names) => names.filter((name) => name.endsWith(".csv")).length)).toEqual([1, 1, 1, 1, 1, 0]);
    const [read] = await ctx.columnar.query(
      sql`select count(*) as rows, bool_and(n = file_row_number) as ordered from read_parquet(${file}, file_row_number = true)`,
    );
    expect(read).toEqual({ rows: 5_000, ordered: true });
  });

  test("stop while the disk has space for others", async () => {
    let left = 100e6;
    const freeBytes = async () => {
      left -= 30e6;
      return left;
    };
    const written = writeParquet(ctx.columnar, table, each(blocks(5, 1_000)), await target(), {
      partBytes: 4_000,
      freeBytes,
    });
    await expect(written).rejects.toMatchObject({ code: "columnar.no_temporary_space" });
    expect(left).toBeGreaterThan(0);
  });

  test("have row groups of 8,192 rows, in whatever blocks the rows arrive", async () => {
    const file = await target();
    await writeParquet(ctx.columnar, table, each(blocks(2, 10_000)), file);
    const groups = await ctx.columnar.query(
      sql`select row_group_num_rows as rows from parquet_metadata(${file}) order by row_group_id`,
    );
    expect(groups).toEqual([{ rows: 8_192 }, { rows: 8_192 }, { rows: 3_616 }]);
  });
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import { copyFrom } from "./copy";
import { copyText } from "./copy-text";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ max: 1 });
  await database.db.sql`create table things (id integer primary key, text text)`;
});
afterAll(() => database.drop());

const COPY = "copy things (id, text) from stdin";

test("every value is stored unchanged", async () => {
  const texts = ["plain", "", "\\N", "\\.", "tab\there", "line\nbreak\r\n", "back\\slash \\t", "中文 𝒳", null];
  const rows = texts.map((text, index) => [String(index), text]);
  await database.db.sql.begin((tx) => copyFrom(tx, COPY, copyText(rows)));
  const stored = await database.db.sql`select id::text, text from things order by id`;
  expect(stored.map(({ id, text }) => [id, text])).toEqual(rows);
});

test("a rejected COPY reports the column, and the transaction can continue", async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => [String(1_000 + index), "x".repeat(100)]);
  await database.db.sql.begin(async (tx) => {
    const copy = (rows: (string | null)[][]) => tx.savepoint((savepoint) => copyFrom(savepoint, COPY, copyText(rows)));
    await expect(copy([["not a number", ""], ...many])).rejects.toMatchObject({
      code: "22P02",
      where: 'COPY things, line 1, column id: "not a number"',
    });
    await expect(copy([...many, ["1000", "twice"]])).rejects.toMatchObject({ code: "23505" });
    await copy([["999", "good"]]);
  });
  expect(await database.db.sql`select text from things where id >= 999`).toEqual([{ text: "good" }]);
});

test("a connection lost during COPY is reported, and the next one is usable", async () => {
  const { sql } = database.db;
  const lost = sql.begin(async (tx) => {
    const [own] = await tx`select pg_backend_pid() as pid`;
    const stream = await tx.unsafe(COPY).writable();
    const ended = new Promise((_, reject) => stream.once("error", reject));
    stream.write("7000\tlost\n");
    // The stream may end before the response arrives.
    await Promise.all([ended, database.db.intake.access_logs`select pg_terminate_backend(${own?.pid})`]);
  });
  await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^(CONNECTION_CLOSED|57P01|ECONNRESET)$/) });
  await expect.poll(() => sql`select 1 as one`.catch(() => [])).toEqual([{ one: 1 }]);
  expect(await sql`select 1 from things where id = 7000`).toEqual([]);
});

test("a transaction continues after a COPY with a slow reader", async () => {
  const { sql, intake } = database.db;
  const result = await sql.begin(async (tx) => {
    const [own] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const rows = await tx.unsafe("copy (select repeat('x', 1000) from generate_series(1, 60)) to stdout").readable();
    // All remaining rows are buffered before the read and exceed the stream's high-water mark.
    const stateOf = () =>
      intake.access_logs<{ state: string }[]>`select state from pg_stat_activity where pid = ${own?.pid ?? 0}`;
    await expect.poll(stateOf).toEqual([{ state: "idle in transaction" }]);
    let bytes = 0;
    for await (const row of rows) bytes += row.length;
    return [bytes, ...(await tx`select 1 as one`)];
  });
  expect(result).toEqual([60 * 1_001, { one: 1 }]);
});

import path from "node:path";
import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { browsedTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { setUpContext } from "@/server/testing/context";
import { readFilters } from "../filters";
import { columnarPattern, lowered } from "./patterns";

let ctx: Context;
setUpContext((opened) => {
  ctx = opened;
});

test("DuckDB's lower() converts letters as the superset of words expects", async () => {
  const rows = await ctx.columnar.query(
    sql`select chr(code::integer) as letter, lower(chr(code::integer)) as lower from range(1, 2000) as t (code)`,
  );
  const other = rows.filter(({ letter, lower }) => (lowered(String(letter)) ?? lower) !== lower);
  expect(other).toEqual([]);
});

test("Patterns with several stars are evaluated in linear time", async () => {
  const text = (length: number) => `${"a".repeat(length)}b${"a".repeat(length)}`;
  const patterns = ["*a*a*a*a*b", "a*a*a*a*a*b", "*a*b*b*a*"].map((pattern) =>
    columnarPattern(sql`text`, pattern.split("*")),
  );
  for (const pattern of patterns) {
    const rows = await ctx.columnar.query(
      sql`select count(*) as count from (select ${text(1_000)} || i as text from range(2048) as t (i)) where ${pattern}`,
      // The test fails instead of occupying a core for hours.
      { signal: AbortSignal.timeout(50_000) },
    );
    expect(rows).toEqual([{ count: 0 }]);
  }
});

function conditionsOf(count: number, write: (term: number) => string): SQL {
  const filter = Array.from({ length: count }, (_, term) => write(term)).join(" or ");
  const { columnar } = readFilters(browsedTables.user_activities, { filters: { filter } }, "UTC");
  return sql.join([...columnar], sql` and `);
}

/** The number of functions in a statement that read whole documents. */
function readings(statement: SQL): number {
  return new PgDialect().sqlToQuery(statement).sql.split(/regexp_(?:extract_all|replace)/).length - 1;
}

test.each<[string, number, (term: number) => string]>([
  ["fractions", 10, (term) => `details.price > ${90_000 + term}.5`],
  ["objects", 10, (term) => `details.item:*absent*x${term}`],
  ["paths with indexes from the end", 10, (term) => `details.list.-1:absent${term}`],
  ["words that occur only in keys", 20, (term) => `price${term}`],
])("Many terms on %s in large documents read each document once", async (_, count, write) => {
  const conditions = conditionsOf(count, write);
  expect(readings(conditions)).toBe(readings(conditionsOf(count - 1, write)));
  const keys = sql.raw(Array.from({ length: 20 }, (_, term) => `"price${term}": 1`).join(", "));
  const document = sql`'{"item": {"absent": "0 1 2 3 4 5 6 7 8 9 10"}, "list": [1], ${keys}, "price": ' || i || '.25, "text": [' || ${'"a", 1.5, '.repeat(400)} || '1]}'`;
  const columns = browsedTables.user_activities.columns.map(({ name }) =>
    name === "details" ? sql`${document} as details` : sql`'' as ${sql.identifier(name)}`,
  );
  const file = path.join(await ctx.columnar.makeFolder(), "large.parquet");
  await ctx.columnar.query(
    sql`copy (select ${sql.join(columns, sql`, `)} from range(2048) as t (i)) to ${sql.raw(`'${file}'`)} (format parquet)`,
  );
  const rows = await ctx.columnar.query(sql`select id from read_parquet(${file}) where ${conditions}`);
  expect(rows).toEqual([]);
});

test("Filters have a limited number of terms that parse many documents", () => {
  const filter = Array.from({ length: 11 }, (_, term) => `details.price > ${term}.5`).join(" or ");
  expect(() => readFilters(browsedTables.user_activities, { filters: { filter } }, "UTC")).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ code: "input.filter_documents" })] }),
  );
});

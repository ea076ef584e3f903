import { readFile } from "node:fs/promises";
import { getTableName, is, Table } from "drizzle-orm";
import { expect, test } from "vitest";
import * as schema from ".";

test("docs/architecture.md names the owner of every table", async () => {
  const [, owners = ""] = (await readFile("docs/architecture.md", "utf8")).split("## Tables");
  const documented = new Set(owners.split("## Where")[0]?.match(/(?<=`)\w+(?=`)/g));
  const tables = Object.values(schema).flatMap((table) => (is(table, Table) ? [getTableName(table)] : []));
  expect(tables.length).toBeGreaterThan(30);
  expect(tables.filter((name) => !documented.has(name))).toEqual([]);
});

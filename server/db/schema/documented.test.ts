import { readFile } from "node:fs/promises";
import { getTableName, is, Table } from "drizzle-orm";
import { expect, test } from "vitest";
import { logTableList } from "@/server/catalog";
import * as schema from ".";

test("docs/architecture.md names the owner of every table; log tables have one owner", async () => {
  const [, owners = ""] = (await readFile("docs/architecture.md", "utf8")).split("## Tables");
  const documented = new Set(owners.split("## Where")[0]?.match(/(?<=`)\w+(?=`)/g));
  const tables = Object.values(schema).flatMap((table) => (is(table, Table) ? [getTableName(table)] : []));
  expect(tables.length).toBeGreaterThan(30);
  const owned = new Set([...documented, ...logTableList.map(({ tableName }) => tableName)]);
  expect(tables.filter((name) => !owned.has(name))).toEqual([]);
});

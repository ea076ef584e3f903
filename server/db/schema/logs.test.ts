import { readdir, readFile } from "node:fs/promises";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { type Column, logTableList } from "@/server/catalog";
import * as schema from ".";

/** Not visible to users; see docs/decisions/0014. */
const INTERNAL = ["import_id"];

const declared = new Map(
  Object.values(schema).flatMap((table) => {
    if (!is(table, PgTable)) return [];
    const { name, columns } = getTableConfig(table);
    return [[name, columns] as const];
  }),
);

test.each(logTableList)("Drizzle and the catalog declare the same columns of $name", ({ tableName, columns }) => {
  const fromDrizzle = (declared.get(tableName) ?? [])
    .filter(({ name }) => !INTERNAL.includes(name))
    .map((column) => ({ name: column.name, type: column.getSQLType(), isRequired: column.notNull }));
  expect(fromDrizzle).toEqual(
    columns.map((column) => ({ name: column.name, type: sqlType(column), isRequired: isRequired(column) })),
  );
});

test.each(logTableList)("$name has the import, primary key and indexes that intake and searches use", (table) => {
  const found = Object.values(schema).find((it) => is(it, PgTable) && getTableConfig(it).name === table.tableName);
  if (!is(found, PgTable)) throw new Error("not declared");
  const { columns, primaryKeys, indexes } = getTableConfig(found);
  expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(INTERNAL));
  expect(primaryKeys.map((key) => key.columns.map(({ name }) => name))).toEqual([["created_at", "id"]]);
  const ordered = table.columns.filter(({ index }) => index === "order");
  const expected = [...ordered.map(({ name }) => `${table.tableName}_${name}_idx`), `${table.tableName}_values_idx`];
  expect(indexes.map(({ config }) => config.name).sort()).toEqual(expected.sort());
});

test.each(logTableList)("the migration of $name partitions it and compares its text by bytes", async (table) => {
  const created = (await migrations()).find((text) => text.includes(`CREATE TABLE "${table.tableName}" (`)) ?? "";
  const [statement = ""] = created
    .slice(created.indexOf(`CREATE TABLE "${table.tableName}"`))
    .split("--> statement-breakpoint");
  expect(statement).toContain('PARTITION BY RANGE ("created_at")');
  const texts = statement.split("\n").filter((line) => /^\s+"\w+" (text|varchar\(\d+\))/.test(line));
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((line) => !line.includes('COLLATE "C"'))).toEqual([]);
});

async function migrations(): Promise<string[]> {
  const files = (await readdir("drizzle")).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(files.map((name) => readFile(`drizzle/${name}`, "utf8")));
}

function sqlType({ type, maxLength }: Column): string {
  if (type === "timestamptz") return "timestamp with time zone";
  return maxLength === undefined ? type : `varchar(${maxLength})`;
}

function isRequired({ name, required = false }: Column): boolean {
  return required || name === "id" || name === "created_at";
}

import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logTableList } from "@/server/catalog";
import { createTestDatabase, type TestDatabase } from "@/server/testing/database";
import * as schema from ".";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

test.each(logTableList)("The migrations create $tableName with the columns that Drizzle declares", async (table) => {
  const rows = await database.db.sql<{ name: string; type: string; length: number | null; nullable: string }[]>`
    select column_name as name, data_type as type, character_maximum_length as length, is_nullable as nullable
    from information_schema.columns
    where table_schema = 'public' and table_name = ${table.tableName}
    order by ordinal_position`;
  const declared = Object.values(schema).flatMap((other) => {
    if (!is(other, PgTable)) return [];
    const { name, columns } = getTableConfig(other);
    return name === table.tableName ? columns : [];
  });
  expect(rows.length).toBeGreaterThan(table.columns.length);
  expect(
    rows.map(({ name, type, length, nullable }) => ({
      name,
      type: type === "character varying" ? `varchar(${length})` : type,
      isRequired: nullable === "NO",
    })),
  ).toEqual(declared.map((column) => ({ name: column.name, type: column.getSQLType(), isRequired: column.notNull })));
});

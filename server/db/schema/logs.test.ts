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

function sqlType({ type, maxLength }: Column): string {
  if (type === "timestamptz") return "timestamp with time zone";
  return maxLength === undefined ? type : `varchar(${maxLength})`;
}

function isRequired({ name, required = false }: Column): boolean {
  return required || name === "id" || name === "created_at";
}

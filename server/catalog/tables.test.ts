import { expect, test } from "vitest";
import { readTypedFilters } from "@/components/filter-bar/typed-filters";
import { browsedTables, logTableList } from ".";
import type { Column, FilterKind } from "./types";

/** The column types that each filter can compare. */
const FILTERABLE: Readonly<Record<FilterKind, readonly Column["type"][]>> = {
  exact: ["text"],
  prefix: ["text"],
  network: ["inet"],
  status: ["integer"],
  range: ["integer"],
};

const columns = Object.values(browsedTables).flatMap(({ name, columns: all }) =>
  all.map((column) => [name, column] as const),
);

test.each(columns.filter(([, { filter }]) => filter))(
  "the filter of $0.$1.name fits the column's type",
  (_, column) => {
    if (!column.filter) throw new Error("no filter");
    expect(FILTERABLE[column.filter]).toContain(column.type);
    // Without steps, a range cannot use the inverted index.
    if (column.filter === "range" && column.index === "values") expect(column.indexedSteps).toBeDefined();
  },
);

test.each(Object.values(browsedTables))("the example of a filter of $name is a filter", (table) => {
  expect(readTypedFilters(table, table.filterExample, {})).toHaveLength(1);
});

test.each(logTableList)("extra is the last column of $name", (table) => {
  expect(table.columns.at(-1)).toMatchObject({ name: "extra", type: "jsonb" });
});

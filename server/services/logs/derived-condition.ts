import { sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { derivedField, ROUTE_PLACEHOLDER } from "@/server/catalog/derived-fields";
import { errorValue } from "@/server/catalog/errors";
import type { FieldTest } from "@/server/catalog/filter";
import { type Condition, equalTo, FilterProblem, startsWith } from "./column-conditions";
import { derivedValue } from "./derived-value";
import { patternCondition } from "./text-condition";

const STATUS_CLASS = /^\dxx$/i;

/**
 * The condition on a derived field of the table; undefined if it has none of this name.
 * @throws FilterProblem for a comparison by order
 */
export function derivedCondition(table: BrowsedTable, field: string, test: FieldTest): Condition | undefined {
  const derived = derivedField(table, field);
  const column = derived && table.columns.find(({ name }) => name === derived.column);
  if (!column) return undefined;
  const text = derivedValue(derived.value, sql`${sql.identifier(column.name)}`, "postgres");
  switch (test.op) {
    case "null":
      return { condition: sql`${text} is null` };
    case "set":
      return { condition: sql`${text} is not null` };
    case "empty":
      return { condition: sql`${text} = ''` };
    case "match": {
      const [value = "", ...others] = test.pattern;
      if (derived.name === "status_class" && others.length === 0 && STATUS_CLASS.test(value))
        return equalTo(column, value);
      const condition = others.length === 0 ? sql`${text} = ${value}` : patternCondition(text, test.pattern);
      if (derived.name !== "route") return { condition };
      // Paths start with the part of their route before the first placeholder.
      const [start = ""] = value.split(ROUTE_PLACEHOLDER);
      return start.length > 1 ? { condition, found: startsWith(column, start).found } : { condition };
    }
    default:
      throw new FilterProblem(errorValue("input.filter_no_order", {}));
  }
}

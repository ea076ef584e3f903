import { sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { derivedField, ROUTE_PLACEHOLDER } from "@/server/catalog/derived-fields";
import { errorValue } from "@/server/catalog/errors";
import type { FieldTest } from "@/server/catalog/filter";
import { derivedValue } from "@/server/db/derived-value";
import { type Condition, equalTo, FilterProblem, startsWith } from "./column-conditions";
import { columnarPattern } from "./columnar/patterns";
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
  const source = sql`${sql.identifier(column.name)}`;
  const text = derivedValue(derived.value, source, "postgres");
  const columnar = sql`${sql.identifier(derived.name)}`;
  switch (test.op) {
    case "null":
      return { condition: sql`${text} is null`, columnar: sql`${columnar} is null` };
    case "set":
      return { condition: sql`${text} is not null`, columnar: sql`${columnar} is not null` };
    case "empty":
      return { condition: sql`${text} = ''`, columnar: sql`${columnar} = ''` };
    case "match": {
      const [value = "", ...others] = test.pattern;
      if (derived.name === "status_class" && others.length === 0 && STATUS_CLASS.test(value))
        return equalTo(column, value);
      const both: Condition =
        others.length === 0
          ? { condition: sql`${text} = ${value}`, columnar: sql`${columnar} = ${value}` }
          : {
              condition: patternCondition(text, test.pattern),
              columnar: columnarPattern(columnar, test.pattern),
            };
      if (derived.name !== "route") return both;
      // Paths start with the part of their route before the first placeholder.
      const [start = ""] = value.split(ROUTE_PLACEHOLDER);
      return start.length > 1 ? { ...both, found: startsWith(column, start).found } : both;
    }
    default:
      throw new FilterProblem(errorValue("input.filter_no_order", {}));
  }
}

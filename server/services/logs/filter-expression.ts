import { sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import { type FieldTerm, type FilterExpression, FilterSyntaxError } from "@/server/catalog/filter";
import { type Condition, emptyTextCondition, nullCondition } from "./column-conditions";

/**
 * Converts an expression into conditions, combined by AND, each with its indexed part.
 * @throws FilterSyntaxError for a field that the table does not have, or that is not filterable
 */
export function expressionConditions(table: BrowsedTable, expression: FilterExpression): Condition[] {
  switch (expression.kind) {
    case "and":
      return expression.operands.flatMap((operand) => expressionConditions(table, operand));
    case "field":
      return [fieldCondition(table, expression)];
  }
}

function fieldCondition(table: BrowsedTable, { field, op, position }: FieldTerm): Condition {
  const column = table.columns.find(({ name }) => name === field);
  if (!column) throw new FilterSyntaxError(errorValue("input.filter_field", {}), position);
  switch (op) {
    case "null":
      return isAlwaysSet(column) ? { condition: sql`false` } : nullCondition(column);
    case "set":
      return { condition: isAlwaysSet(column) ? sql`true` : sql`${sql.identifier(column.name)} is not null` };
    case "empty":
      if (column.type !== "text") throw new FilterSyntaxError(errorValue("input.filter_not_text", {}), position);
      return emptyTextCondition(column);
  }
}

/** From the catalog, because not every version of PostgreSQL infers that no row can match. */
function isAlwaysSet({ name, required = false }: Column): boolean {
  return required || name === "id" || name === "created_at";
}

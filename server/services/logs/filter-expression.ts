import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import type { FilterExpression } from "@/server/catalog/filter";
import { type Condition, not } from "./column-conditions";
import { fieldCondition } from "./field-condition";
import { textCondition } from "./text-condition";

/**
 * Converts an expression into conditions, combined by AND, each with its indexed part.
 * @param timeZone of times without an offset
 * @throws FilterSyntaxError for a field that the table does not have, and a value that it cannot have
 */
export function expressionConditions(table: BrowsedTable, expression: FilterExpression, timeZone: string): Condition[] {
  if (expression.kind !== "and") return [conditionOf(table, expression, timeZone)];
  return expression.operands.flatMap((operand) => expressionConditions(table, operand, timeZone));
}

function conditionOf(table: BrowsedTable, expression: FilterExpression, timeZone: string): Condition {
  switch (expression.kind) {
    case "field":
      return fieldCondition(table, expression, timeZone);
    case "text":
      return textCondition(table, expression.parts);
    case "not":
      return not(conditionOf(table, expression.operand, timeZone));
    case "and":
      return allOf(expression.operands.map((operand) => conditionOf(table, operand, timeZone)));
    case "or":
      return anyOf(expression.operands.map((operand) => conditionOf(table, operand, timeZone)));
  }
}

function allOf(conditions: readonly Condition[]): Condition {
  const indexed = conditions.filter(({ found }) => found !== undefined);
  const blocks = conditions.flatMap((condition) => condition.blocks ?? []);
  return {
    ...joined(conditions, " and "),
    ...(blocks.length > 0 && { blocks: group(blocks, " and ") }),
    ...foundBy(indexed, " and "),
  };
}

/** An index finds the rows only if it finds those of each alternative, and a block has none only if it has none of each. */
function anyOf(conditions: readonly Condition[]): Condition {
  const isIndexed = conditions.every(({ found }) => found !== undefined);
  const blocks = conditions.flatMap((condition) => condition.blocks ?? []);
  return {
    ...joined(conditions, " or "),
    ...(blocks.length === conditions.length && { blocks: group(blocks, " or ") }),
    ...(isIndexed ? foundBy(conditions, " or ") : {}),
  };
}

function foundBy(conditions: readonly Condition[], operator: string): Pick<Condition, "found" | "isOfValues"> {
  if (conditions.length === 0) return {};
  const found = conditions.flatMap((condition) => condition.found ?? []);
  return {
    found: group(found, operator),
    isOfValues: conditions.some(({ isOfValues }) => isOfValues),
  };
}

function joined(conditions: readonly Condition[], operator: string): Pick<Condition, "condition" | "columnar"> {
  return {
    condition: group(
      conditions.map(({ condition }) => condition),
      operator,
    ),
    columnar: group(
      conditions.map(({ condition, columnar = condition }) => columnar),
      operator,
    ),
  };
}

function group(parts: SQL[], operator: string): SQL {
  return sql`(${sql.join(parts, sql.raw(operator))})`;
}

import type { BrowsedTable, Column } from "@/server/catalog";
import {
  type FieldOperator,
  type FieldTerm,
  FilterSyntaxError,
  fieldTerms,
  parseFilter,
  writeFilter,
} from "@/server/catalog/filter";

/** Operators without a value: whether a column is empty, set, or an empty string. */
export type Presence = "isEmpty" | "isSet" | "isEmptyText";

const OPERATORS = { isEmpty: "null", isSet: "set", isEmptyText: "empty" } as const satisfies Record<
  Presence,
  FieldOperator
>;
const PRESENCES = { null: "isEmpty", set: "isSet", empty: "isEmptyText" } as const satisfies Record<
  FieldOperator,
  Presence
>;

export function isPresence(operator: string): operator is Presence {
  return operator in OPERATORS;
}

/** Returns the filters of an expression; none if it is invalid. */
export function presencesOf(table: BrowsedTable, expression: string) {
  return termsOf(expression).flatMap(({ field, op }): { column: Column; operator: Presence; value: string }[] => {
    const column = table.columns.find(({ name }) => name === field);
    return column ? [{ column, operator: PRESENCES[op], value: "" }] : [];
  });
}

/** Adds a term to the expression, replacing one on the same field. */
export function withPresence(expression: string | undefined, field: string, operator: Presence): string {
  const terms = termsOf(expression);
  const term = { field, op: OPERATORS[operator] };
  const isThere = terms.some((other) => other.field === field);
  return writeFilter(isThere ? terms.map((other) => (other.field === field ? term : other)) : [...terms, term]);
}

/** Removes the terms of a field from the expression. */
export function withoutPresence(expression: string | undefined, field: string): string {
  return writeFilter(termsOf(expression).filter((term) => term.field !== field));
}

function termsOf(expression: string | undefined): FieldTerm[] {
  if (expression === undefined) return [];
  try {
    return fieldTerms(parseFilter(expression));
  } catch (error) {
    if (error instanceof FilterSyntaxError) return [];
    throw error;
  }
}

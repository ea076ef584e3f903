import type { BrowsedTable, Column } from "@/server/catalog";
import {
  type FieldOperator,
  type FieldTerm,
  FilterSyntaxError,
  fieldTerms,
  parseFilter,
  writeFilter,
} from "@/server/catalog/filter";

/** Whether there is a value at all, or a text without characters: asked without a value to compare with. */
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

/** The chips of an expression; none where it is no expression, which the list refuses. */
export function presencesOf(table: BrowsedTable, expression: string) {
  return termsOf(expression).flatMap(({ field, op }): { column: Column; operator: Presence; value: string }[] => {
    const column = table.columns.find(({ name }) => name === field);
    return column ? [{ column, operator: PRESENCES[op], value: "" }] : [];
  });
}

/** The expression with one term more, which takes the place of another on the same field. */
export function withPresence(expression: string | undefined, field: string, operator: Presence): string {
  const terms = termsOf(expression);
  const term = { field, op: OPERATORS[operator] };
  const isThere = terms.some((other) => other.field === field);
  return writeFilter(isThere ? terms.map((other) => (other.field === field ? term : other)) : [...terms, term]);
}

/** The expression without its terms on a field; empty where nothing is left. */
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

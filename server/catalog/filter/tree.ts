/**
 * What is asked of a field: `null` that it has no value, `set` that it has one, `empty` that it is a text of no
 * characters.
 */
export type FieldOperator = "null" | "set" | "empty";

/** One condition on one field. */
export interface FieldTerm {
  readonly kind: "field";
  /** As it was written; whether a table has it is checked where the table is known. */
  readonly field: string;
  readonly op: FieldOperator;
  /** Characters before it in the text. */
  readonly position: number;
}

export interface AndExpression {
  readonly kind: "and";
  readonly operands: readonly FilterExpression[];
}

/** A parsed filter. Every consumer switches on `kind`, so that the compiler names what a new form needs. */
export type FilterExpression = FieldTerm | AndExpression;

/** Every term of the expression, in the order of the text. */
export function fieldTerms(expression: FilterExpression): FieldTerm[] {
  switch (expression.kind) {
    case "field":
      return [expression];
    case "and":
      return expression.operands.flatMap(fieldTerms);
  }
}

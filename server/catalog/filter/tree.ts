/** The condition on a field: `null` for no value, `set` for any value, `empty` for an empty text. */
export type FieldOperator = "null" | "set" | "empty";

/** A condition on one field. */
export interface FieldTerm {
  readonly kind: "field";
  /** As written. Checked against the table's columns where the table is known. */
  readonly field: string;
  readonly op: FieldOperator;
  /** Position in the text in characters from the start. */
  readonly position: number;
}

export interface AndExpression {
  readonly kind: "and";
  readonly operands: readonly FilterExpression[];
}

/** A parsed filter. Consumers switch on `kind`, so that the compiler reports missing cases for a new form. */
export type FilterExpression = FieldTerm | AndExpression;

/** Returns all terms of the expression in the order of the text. */
export function fieldTerms(expression: FilterExpression): FieldTerm[] {
  switch (expression.kind) {
    case "field":
      return [expression];
    case "and":
      return expression.operands.flatMap(fieldTerms);
  }
}

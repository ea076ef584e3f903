import type { Pattern } from "./pattern";

/** The condition of a field term. */
export type FieldTest =
  /** `null`: no value. `set`: any value. `empty`: an empty text. */
  | { readonly op: "null" | "set" | "empty" }
  | { readonly op: "match"; readonly pattern: Pattern }
  | { readonly op: ">" | ">=" | "<" | "<="; readonly value: string };

/** A condition on one field. */
export interface FieldTerm {
  readonly kind: "field";
  /** The name of a column as written. Checked where the table is known. */
  readonly field: string;
  /** The keys of a member of a JSON column, outermost first; empty for the column itself. */
  readonly path: readonly string[];
  readonly test: FieldTest;
  /** Position of the field in the text in characters from the start. */
  readonly position: number;
  readonly valuePosition: number;
}

/** Text that occurs in any text column or JSON value, in any case. */
export interface TextTerm {
  readonly kind: "text";
  /** The parts occur in this order in one value. */
  readonly parts: Pattern;
}

/** At least one operand, or all operands, must be true. */
export interface JunctionExpression {
  readonly kind: "and" | "or";
  readonly operands: readonly FilterExpression[];
}

export interface NotExpression {
  readonly kind: "not";
  readonly operand: FilterExpression;
}

/** A parsed filter. Consumers switch on `kind`, so that the compiler reports missing cases for a new form. */
export type FilterExpression = FieldTerm | TextTerm | JunctionExpression | NotExpression;

/** Returns all field and text terms of the expression in the order of the text. */
export function termsOf(expression: FilterExpression): (FieldTerm | TextTerm)[] {
  switch (expression.kind) {
    case "field":
    case "text":
      return [expression];
    case "not":
      return termsOf(expression.operand);
    case "and":
    case "or":
      return expression.operands.flatMap(termsOf);
  }
}

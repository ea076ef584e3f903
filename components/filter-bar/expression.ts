import type { BrowsedTable, Column } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import { type ErrorValue, errorValue } from "@/server/catalog/errors/value";
import {
  type Conjunct,
  type FieldTerm,
  type FilterExpression,
  FilterSyntaxError,
  parseConjuncts,
  termsOf,
  writeField,
} from "@/server/catalog/filter";

/** Operators without a value: whether a column is empty, set, or an empty string. */
export type Presence = "isEmpty" | "isSet" | "isEmptyText";

/** A part of a filter expression that is not the presence of a column's value: `refund`, `(city:北京 or os:iOS)`. */
export interface ExpressionFilter {
  readonly expression: string;
}

const OPERATORS = { isEmpty: "null", isSet: "set", isEmptyText: "empty" } as const satisfies Record<
  Presence,
  FieldTerm["test"]["op"]
>;

export function isPresence(operator: string): operator is Presence {
  return operator in OPERATORS;
}

/** Returns the filters of an expression; an invalid one as it is, so that it can be edited. */
export function readExpression(
  table: BrowsedTable,
  expression: string,
): ({ column: Column; operator: Presence; value: string } | ExpressionFilter)[] {
  const conjuncts = conjunctsOf(expression);
  if (!conjuncts) return [{ expression }];
  return conjuncts.map((conjunct) => {
    const term = presenceOf(conjunct.expression);
    const column = term && table.columns.find(({ name }) => name === term.field);
    return column ? { column, operator: term.operator, value: "" } : { expression: conjunct.text };
  });
}

/** Returns the expression with the presence of a column's value, which replaces one of the same column. */
export function withPresence(expression: string | undefined, field: string, operator: Presence): string {
  const text = writeField({ field, path: [], test: { op: OPERATORS[operator] } });
  const texts = textsOf(expression);
  const index = texts.findIndex((other) => presenceOfText(other)?.field === field);
  return (index < 0 ? [...texts, text] : texts.with(index, text)).join(" ");
}

export function withoutPresence(expression: string | undefined, field: string): string {
  return textsOf(expression)
    .filter((text) => presenceOfText(text)?.field !== field)
    .join(" ");
}

/** Returns the expression with another one, which must be true too. */
export function withExpression(expression: string | undefined, added: string): string {
  return [...new Set([...textsOf(expression), ...textsOf(added)])].join(" ");
}

export function withoutExpression(expression: string | undefined, removed: string): string {
  return textsOf(expression)
    .filter((text) => text !== removed)
    .join(" ");
}

/** The reason why an expression is invalid for the table, and the text at which it is; undefined if it is valid. */
export function expressionProblem(
  table: BrowsedTable,
  expression: string,
): { readonly problem: ErrorValue; readonly rest: string } | undefined {
  try {
    const terms = parseConjuncts(expression).flatMap((conjunct) => termsOf(conjunct.expression));
    const unknown = terms.find(
      (term) =>
        term.kind === "field" &&
        !table.columns.some(({ name }) => name === term.field) &&
        !derivedField(table, term.field),
    );
    if (unknown?.kind !== "field") return undefined;
    return { problem: errorValue("input.filter_field", {}), rest: expression.slice(unknown.position) };
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return { problem: error.problem, rest: expression.slice(error.position) };
  }
}

/** Returns the texts for which all fields are searched, without those of excluded words; empty if invalid. */
export function searchedTexts(expression: string | undefined): string[] {
  return (conjunctsOf(expression ?? "") ?? []).flatMap((conjunct) => wantedTexts(conjunct.expression));
}

/** Whether the expression consists of text to search for. */
export function isSearch(expression: string): boolean {
  return conjunctsOf(expression)?.every((conjunct) => conjunct.expression.kind === "text") ?? false;
}

function wantedTexts(expression: FilterExpression): readonly string[] {
  switch (expression.kind) {
    case "text":
      return expression.parts;
    case "and":
    case "or":
      return expression.operands.flatMap(wantedTexts);
    default:
      return [];
  }
}

function textsOf(expression: string | undefined): string[] {
  if (!expression) return [];
  return conjunctsOf(expression)?.map(({ text }) => text) ?? [expression];
}

function presenceOfText(text: string) {
  const [only, ...others] = conjunctsOf(text) ?? [];
  return only && others.length === 0 ? presenceOf(only.expression) : undefined;
}

function presenceOf(expression: FilterExpression): { field: string; operator: Presence } | undefined {
  if (expression.kind !== "field" || expression.path.length > 0) return undefined;
  const { field, test } = expression;
  switch (test.op) {
    case "null":
      return { field, operator: "isEmpty" };
    case "set":
      return { field, operator: "isSet" };
    case "empty":
      return { field, operator: "isEmptyText" };
    default:
      return undefined;
  }
}

/** Returns undefined for an invalid expression. */
function conjunctsOf(expression: string): Conjunct[] | undefined {
  try {
    return parseConjuncts(expression);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return undefined;
    throw error;
  }
}

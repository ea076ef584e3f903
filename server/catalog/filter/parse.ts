import { errorValue } from "../errors/value";
import { problem, type ScannedField, type ScannedValue, Scanner } from "./scanner";
import { FilterSyntaxError } from "./syntax-error";
import type { FieldTerm, FieldTest, FilterExpression } from "./tree";

/** Maximum length in characters. */
const MAX_LENGTH = 2_000;
/** With more terms, planning would take PostgreSQL longer than execution. */
const MAX_TERMS = 50;
const MAX_DEPTH = 30;

/** One of the expressions that must all be true. Texts of several, joined by spaces, are a filter. */
export interface Conjunct {
  readonly expression: FilterExpression;
  readonly text: string;
}

/**
 * Parses a filter expression:
 *
 *     user_id:7 status_code:(404, 5xx) -request_path:/health*     adjacent terms: all must be true
 *     (city:北京 or city:上海) and not response_time < 500          or, not, parentheses, comparisons
 *     details."case number":*123* extra.source:null               members of JSON columns
 *     refund "payment failed"                                     words in any text column or JSON value
 *
 * `FIELD:null`, `FIELD:*` and `FIELD:""` match no value, any value and empty text. `and` binds tighter than `or`.
 * @throws FilterSyntaxError with the reason and position
 */
export function parseFilter(text: string): FilterExpression {
  return joined(
    "and",
    parseConjuncts(text).map(({ expression }) => expression),
  );
}

/** Parses a filter into the expressions that must all be true. @throws FilterSyntaxError with the reason and position */
export function parseConjuncts(text: string): Conjunct[] {
  if (text.length > MAX_LENGTH)
    throw new FilterSyntaxError(errorValue("input.too_long", { max: MAX_LENGTH }), MAX_LENGTH);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw new FilterSyntaxError(errorValue("input.nul", {}), nul);
  return new Parser(text).parseWhole();
}

class Parser {
  readonly #scanner: Scanner;
  #terms = 0;
  #depth = 0;

  constructor(private readonly text: string) {
    this.#scanner = new Scanner(text);
  }

  parseWhole(): Conjunct[] {
    const alternatives = this.#parseAlternatives();
    if (!this.#scanner.isAtEnd) throw problem("filter_unexpected", this.#scanner.position);
    const [first = []] = alternatives;
    if (alternatives.length === 1) return first;
    return [{ expression: disjunction(alternatives), text: `(${this.text.trim()})` }];
  }

  /** Reads sequences joined by `or`, up to the end or a closing parenthesis. */
  #parseAlternatives(): Conjunct[][] {
    const alternatives = [this.#parseSequence()];
    while (this.#scanner.takeKeyword("or")) alternatives.push(this.#parseSequence());
    return alternatives;
  }

  /** Reads terms that are adjacent or joined by `and`. */
  #parseSequence(): Conjunct[] {
    const scanner = this.#scanner;
    const operands: Conjunct[] = [];
    do {
      scanner.skipSpace();
      const from = scanner.position;
      const expression = this.#parseOperand();
      operands.push({ expression, text: this.text.slice(from, scanner.position) });
      scanner.skipSpace();
    } while (scanner.takeKeyword("and") || !(scanner.isAtEnd || scanner.isNext(")") || scanner.isKeywordNext("or")));
    return operands;
  }

  #parseOperand(): FilterExpression {
    const scanner = this.#scanner;
    scanner.skipSpace();
    const from = scanner.position;
    if (scanner.takeKeyword("not") || scanner.takeMinus())
      return this.#nested(from, () => negated(this.#parseOperand()));
    if (!scanner.takeCharacter("(")) return this.#parseTerm();
    const expression = this.#nested(from, () => disjunction(this.#parseAlternatives()));
    if (!scanner.takeCharacter(")")) throw problem("filter_parenthesis", from);
    return expression;
  }

  #nested(position: number, parse: () => FilterExpression): FilterExpression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw problem("filter_depth", position);
    const expression = parse();
    this.#depth -= 1;
    return expression;
  }

  #parseTerm(): FilterExpression {
    const { position } = this.#scanner;
    if (this.#scanner.isKeywordNext("and") || this.#scanner.isKeywordNext("or"))
      throw problem("filter_term_expected", position);
    const field = this.#scanner.takeField();
    if (!field) {
      this.#count(position);
      return { kind: "text", parts: this.#scanner.takeText() };
    }
    this.#scanner.skipSpace();
    return field.operator === "!=" ? negated(this.#parseValues(field)) : this.#parseValues(field);
  }

  #parseValues(field: ScannedField): FilterExpression {
    const scanner = this.#scanner;
    const from = scanner.position;
    if (!scanner.takeCharacter("(")) return this.#fieldTerm(field, scanner.takeValue(undefined));
    const terms: FilterExpression[] = [];
    do {
      scanner.skipSpace();
      terms.push(this.#fieldTerm(field, scanner.takeValue(",")));
      scanner.skipSpace();
    } while (scanner.takeCharacter(","));
    if (!scanner.takeCharacter(")"))
      throw scanner.isAtEnd ? problem("filter_parenthesis", from) : problem("filter_list", scanner.position);
    return joined("or", terms);
  }

  #fieldTerm({ name, path, operator, position }: ScannedField, value: ScannedValue): FieldTerm {
    this.#count(position);
    const test = testOf(operator, value);
    return { kind: "field", field: name, path, test, position, valuePosition: value.position };
  }

  #count(position: number): void {
    this.#terms += 1;
    if (this.#terms > MAX_TERMS)
      throw new FilterSyntaxError(errorValue("input.filter_terms", { max: MAX_TERMS }), position);
  }
}

function testOf(operator: string, { pattern, raw, position }: ScannedValue): FieldTest {
  switch (operator) {
    case ">":
    case ">=":
    case "<":
    case "<=":
      if (raw === "null" || pattern.length > 1) throw problem("filter_not_comparable", position);
      return { op: operator, value: pattern[0] ?? "" };
    default:
      if (raw === "null") return { op: "null" };
      if (raw === "*") return { op: "set" };
      return raw === '""' ? { op: "empty" } : { op: "match", pattern };
  }
}

function disjunction(alternatives: readonly (readonly Conjunct[])[]): FilterExpression {
  return joined(
    "or",
    alternatives.map((operands) =>
      joined(
        "and",
        operands.map(({ expression }) => expression),
      ),
    ),
  );
}

function joined(kind: "and" | "or", operands: readonly FilterExpression[]): FilterExpression {
  const [only] = operands;
  return only && operands.length === 1 ? only : { kind, operands };
}

function negated(operand: FilterExpression): FilterExpression {
  return operand.kind === "not" ? operand.operand : { kind: "not", operand };
}

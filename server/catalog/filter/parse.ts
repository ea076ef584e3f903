import { errorValue } from "../errors/value";
import { FilterSyntaxError } from "./syntax-error";
import { type Token, tokenize } from "./tokens";
import type { FieldOperator, FieldTerm, FilterExpression } from "./tree";

/** Maximum length in characters. */
const MAX_LENGTH = 2_000;
/** With more terms, planning would take PostgreSQL longer than execution. */
const MAX_TERMS = 50;

/**
 * Parses `filter=…`: the terms `FIELD:null`, `FIELD:""` and `FIELD:*`, adjacent or joined by `and`. All of them must be
 * true.
 * @throws FilterSyntaxError with the reason and position
 */
export function parseFilter(text: string): FilterExpression {
  if (text.length > MAX_LENGTH)
    throw new FilterSyntaxError(errorValue("input.too_long", { max: MAX_LENGTH }), MAX_LENGTH);
  const nul = text.indexOf("\0");
  if (nul >= 0) throw new FilterSyntaxError(errorValue("input.nul", {}), nul);
  const reader = makeReader(tokenize(text));
  const terms = [parseTerm(reader)];
  while (reader.peek().kind !== "end") {
    if (isAnd(reader.peek())) reader.next();
    terms.push(parseTerm(reader));
    if (terms.length > MAX_TERMS) {
      throw new FilterSyntaxError(errorValue("input.filter_terms", { max: MAX_TERMS }), terms.at(-1)?.position ?? 0);
    }
  }
  const [only] = terms;
  return only && terms.length === 1 ? only : { kind: "and", operands: terms };
}

interface TokenReader {
  peek(): Token;
  next(): Token;
}

function makeReader(tokens: readonly Token[]): TokenReader {
  let at = 0;
  const end: Token = { kind: "end", text: "", position: 0 };
  const peek = () => tokens[Math.min(at, tokens.length - 1)] ?? end;
  return {
    peek,
    next: () => {
      const token = peek();
      at += 1;
      return token;
    },
  };
}

function isAnd({ kind, text }: Token): boolean {
  return kind === "word" && text.toLowerCase() === "and";
}

function parseTerm(reader: TokenReader): FieldTerm {
  const field = reader.next();
  if (field.kind !== "word" || isAnd(field))
    throw new FilterSyntaxError(errorValue("input.filter_field_expected", {}), field.position);
  const colon = reader.next();
  if (colon.kind !== "colon")
    throw new FilterSyntaxError(errorValue("input.filter_colon_expected", {}), colon.position);
  return { kind: "field", field: field.text, op: readOperator(reader.next()), position: field.position };
}

function readOperator({ kind, text, position }: Token): FieldOperator {
  if (kind === "word" && text === "null") return "null";
  if (kind === "word" && text === "*") return "set";
  if (kind === "quoted" && text === "") return "empty";
  throw new FilterSyntaxError(errorValue("input.filter_value", {}), position);
}

import { errorValue } from "../errors/value";
import { FilterSyntaxError } from "./syntax-error";

/** `word`: a name, a value or an operator written as a word. `quoted`: text without its quotes. */
export interface Token {
  readonly kind: "word" | "quoted" | "colon" | "other" | "end";
  readonly text: string;
  /** Position in characters from the start. */
  readonly position: number;
}

/**
 * Matches whitespace followed by a word, a quoted text in which `\` escapes a quote, a colon, or any other character.
 */
const TOKEN = /\s*(?:([^\s:"(),=!<>]+)|"((?:[^"\\]|\\.)*)"|(:)|(\S))/suy;

/** Splits a filter into tokens, the last of which is `end`. @throws FilterSyntaxError for an unclosed quote */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [whole, word, quoted, colon, other = ""] = match;
    const position = match.index + whole.length - whole.trimStart().length;
    if (word !== undefined) tokens.push({ kind: "word", text: word, position });
    else if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted.replace(/\\(["\\])/g, "$1"), position });
    else if (colon !== undefined) tokens.push({ kind: "colon", text: colon, position });
    else if (other === '"') throw new FilterSyntaxError(errorValue("input.filter_quote", {}), position);
    else tokens.push({ kind: "other", text: other, position });
  }
  return [...tokens, { kind: "end", text: "", position: text.length }];
}

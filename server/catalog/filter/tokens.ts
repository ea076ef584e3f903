import { errorValue } from "../errors/value";
import { FilterSyntaxError } from "./syntax-error";

/** `word`: a name, a value or an operator that is written out. `quoted`: its text without the quotes. */
export interface Token {
  readonly kind: "word" | "quoted" | "colon" | "other" | "end";
  readonly text: string;
  /** Characters before it. */
  readonly position: number;
}

/** Whitespace, then a word, a quoted text in which `\` escapes a quote, a colon, or any other character. */
const TOKEN = /\s*(?:([^\s:"(),=!<>]+)|"((?:[^"\\]|\\.)*)"|(:)|(\S))/suy;

/** The tokens of a filter's text, the last of them `end`. @throws FilterSyntaxError for a quote without an end */
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

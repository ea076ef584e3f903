import { errorValue } from "../errors/value";
import type { Pattern } from "./pattern";
import { FilterSyntaxError } from "./syntax-error";

/** A field with its operator, `details."case number" >=`. */
export interface ScannedField {
  readonly name: string;
  readonly path: readonly string[];
  readonly operator: string;
  readonly position: number;
}

export interface ScannedValue {
  readonly pattern: Pattern;
  /** As written. */
  readonly raw: string;
  readonly position: number;
}

const NAME = String.raw`[^\s:"(),=!<>.]+`;
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`;
const FIELD = new RegExp(`(${NAME})((?:\\.(?:${QUOTED}|${NAME}))*)\\s*(:|!=|>=|<=|>|<|=)`, "suy");
const KEY = new RegExp(`\\.(?:(${QUOTED})|(${NAME}))`, "su");
const SPACE = /\s*/uy;
/** More would take PostgreSQL long to match. */
const MAX_STARS = 5;

/** Reads the parts of a filter from its text, from left to right. */
export class Scanner {
  #at = 0;

  constructor(private readonly text: string) {}

  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  skipSpace(): void {
    this.#take(SPACE);
  }

  /** Whether the next character is `character`. */
  isNext(character: string): boolean {
    return this.text[this.#at] === character;
  }

  /** Reads `character` if it is next. */
  takeCharacter(character: string): boolean {
    if (!this.isNext(character)) return false;
    this.#at += 1;
    return true;
  }

  /** Reads the minus of a negated term. */
  takeMinus(): boolean {
    return /^-[^\s)]/u.test(this.text.slice(this.#at, this.#at + 3)) && this.takeCharacter("-");
  }

  /** Whether `and`, `or` or `not` is next as a whole word. */
  isKeywordNext(keyword: string): boolean {
    const end = this.#at + keyword.length;
    const isWhole = /^[\s()"]?$/u.test(this.text.charAt(end));
    return isWhole && this.text.slice(this.#at, end).toLowerCase() === keyword;
  }

  /** Reads the keyword if it is next. */
  takeKeyword(keyword: string): boolean {
    if (!this.isKeywordNext(keyword)) return false;
    this.#at += keyword.length;
    return true;
  }

  takeField(): ScannedField | undefined {
    const position = this.#at;
    const match = this.#take(FIELD);
    if (!match) return undefined;
    const [, name = "", keys = "", operator = ""] = match;
    const path: string[] = [];
    for (let rest = keys, key = KEY.exec(rest); key; rest = rest.slice(key[0].length), key = KEY.exec(rest)) {
      path.push(key[1] === undefined ? (key[2] ?? "") : unescaped(key[1].slice(1, -1)));
    }
    return { name, path, operator, position };
  }

  /** Reads a word or a quoted text to search for. @throws FilterSyntaxError if neither is next */
  takeText(): Pattern {
    const position = this.#at;
    if (this.isAtEnd || /[\s():=!<>,]/u.test(this.text.charAt(position)))
      throw problem(this.isNext(")") ? "filter_unexpected" : "filter_term_expected", position);
    const parts = this.takeValue("(").pattern.filter((part) => part !== "");
    if (parts.length === 0) throw problem("filter_term_expected", position);
    return parts;
  }

  /**
   * Reads a value up to a space, a closing parenthesis or `end`. `*` matches any characters, `\*` for a star. Quoted
   * parts are literal.
   * @throws FilterSyntaxError if no value is next
   */
  takeValue(end: "," | "(" | undefined): ScannedValue {
    const position = this.#at;
    const parts = [""];
    const add = (text: string) => parts.push((parts.pop() ?? "") + text);
    for (let next = this.text[this.#at]; next !== undefined; next = this.text[this.#at]) {
      if (/[\s)]/u.test(next) || next === end) break;
      this.#at += 1;
      if (next === '"') add(this.#takeQuoted(this.#at - 1));
      else if (next === "*") parts.push("");
      else if (next === "\\" && /[*\\"]/u.test(this.text.charAt(this.#at))) {
        add(this.text.charAt(this.#at));
        this.#at += 1;
      } else add(next);
    }
    const raw = this.text.slice(position, this.#at);
    if (raw === "") throw problem("filter_value_expected", position);
    if (raw.endsWith(",")) throw problem("filter_unexpected", this.#at - 1);
    if (parts.length - 1 > MAX_STARS)
      throw new FilterSyntaxError(errorValue("input.filter_stars", { max: MAX_STARS }), position);
    return { pattern: parts, raw, position };
  }

  /** @param start the position of the opening quote, which is already read */
  #takeQuoted(start: number): string {
    const match = this.#take(/((?:[^"\\]|\\.)*)"/suy);
    if (!match) throw problem("filter_quote", start);
    return unescaped(match[1] ?? "");
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\])/gu, "$1");
}

type SyntaxProblem =
  | "filter_term_expected"
  | "filter_value_expected"
  | "filter_not_comparable"
  | "filter_list"
  | "filter_parenthesis"
  | "filter_unexpected"
  | "filter_quote"
  | "filter_depth";

/** An error of a filter's syntax at a position. */
export function problem(code: SyntaxProblem, position: number): FilterSyntaxError {
  return new FilterSyntaxError(errorValue(`input.${code}`, {}), position);
}

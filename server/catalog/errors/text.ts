import type { CodedError } from "./define";

/** A language's messages and names, as the server and the interface each have them. */
export interface ErrorWords {
  /** The message of a code; undefined for a code without one. */
  readonly message: (code: string, values: Record<string, string | number>) => string | undefined;
  /** A field's name and what is wrong with it, as one line. */
  readonly line: (name: string, problem: string) => string;
  readonly table?: (name: string) => string;
  /** Who did something, such as a user's name. */
  readonly actor?: (name: string) => string;
  /** A column, or a part of an event such as `row`. */
  readonly field?: (name: string) => string;
  /** A parameter of a request. */
  readonly path?: (path: string) => string;
}

/** An input that is refused. `path`: as the caller wrote it, a parameter or a dotted path in the body. */
export interface FieldError extends CodedError {
  readonly path: string;
  /** Of an expression: how many characters come before the fault. */
  readonly position?: number;
}

/** An error with the inputs that caused it. */
export interface Refusal extends CodedError {
  readonly errors?: readonly FieldError[];
}

/** The error in the words of a language. */
export function errorText({ code, params }: CodedError, words: ErrorWords): string {
  const values = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, valueText(name, value, words)]),
  );
  return words.message(code, values) ?? code;
}

/** As errorText; a request that is not valid is described by what is wrong with each field. */
export function refusalText({ code, params, errors = [] }: Refusal, words: ErrorWords): string {
  if (code !== "request.invalid" || errors.length === 0) return errorText({ code, params }, words);
  return errors
    .map((error) => {
      const problem = errorText(error, words);
      return error.path === "" ? problem : words.line(words.path?.(error.path) ?? error.path, problem);
    })
    .join("; ");
}

function valueText(name: string, value: unknown, words: ErrorWords): string | number {
  if (isCoded(value)) return errorText(value, words);
  if (typeof value === "number") return value;
  // What a message selects by when there is none.
  if (value === null || value === undefined) return "none";
  const text = String(value);
  if (name === "table") return words.table?.(text) ?? text;
  if (name === "by") return words.actor?.(text) ?? text;
  if (name === "field") return words.field?.(text) ?? text;
  return text;
}

function isCoded(value: unknown): value is CodedError {
  return typeof value === "object" && value !== null && "code" in value && "params" in value;
}

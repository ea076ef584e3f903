import type { CodedError } from "./define";

/** A language's messages and names, in the forms used by the server and the interface. */
export interface ErrorWords {
  /** Returns the message of a code; undefined if there is none. */
  readonly message: (code: string, values: Record<string, string | number>) => string | undefined;
  /** Formats a field's name and its error as one line. */
  readonly line: (name: string, problem: string) => string;
  readonly table?: (name: string) => string;
  /** Returns the name of a scheduled task. */
  readonly task?: (name: string) => string;
  /** Returns the name of an actor, such as a user. */
  readonly actor?: (name: string) => string;
  /** Returns the name of a column, or of a part of an event such as `row`. */
  readonly field?: (name: string) => string;
  /** Returns the name of a request parameter. */
  readonly path?: (path: string) => string;
}

/** A rejected input. `path` as sent by the caller: a parameter or a dotted path in the body. */
export interface FieldError extends CodedError {
  readonly path: string;
  /** The position of the error in an expression, in characters from the start. */
  readonly position?: number;
}

/** An error with the inputs that caused it. */
export interface Refusal extends CodedError {
  readonly errors?: readonly FieldError[];
}

/** Renders an error in a language. */
export function errorText({ code, params }: CodedError, words: ErrorWords): string {
  const values = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, valueText(name, value, words)]),
  );
  return words.message(code, values) ?? code;
}

/** Like errorText, but describes an invalid request by the errors of its fields. */
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
  if (isCodedError(value)) return errorText(value, words);
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => valueText(name, item, words)).join(", ");
  // The value that a message selects if the param is missing.
  if (value === null || value === undefined) return "none";
  const text = String(value);
  if (name === "table") return words.table?.(text) ?? text;
  if (name === "tasks") return words.task?.(text) ?? text;
  if (name === "by") return words.actor?.(text) ?? text;
  if (name === "path") return words.path?.(text) ?? text;
  if (name === "field") return words.field?.(text) ?? text;
  return text;
}

/** Returns whether a param is an error itself. */
export function isCodedError(value: unknown): value is CodedError {
  return typeof value === "object" && value !== null && "code" in value && "params" in value;
}

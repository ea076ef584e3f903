import type { z } from "zod";
import type { CodedError } from "./define";
import type { ERRORS } from "./list";

export type ErrorCode = keyof typeof ERRORS;

/** What can be wrong with one field. */
export type InputCode = Extract<ErrorCode, `input.${string}`>;

export type ErrorParams<Code extends ErrorCode> = Readonly<z.infer<(typeof ERRORS)[Code]["params"]>>;

/** An error of the list. */
export interface ErrorValue extends CodedError {
  readonly code: ErrorCode;
}

/** An error of this code with the params that it declares. */
export function errorValue<Code extends ErrorCode>(code: Code, params: ErrorParams<Code>): ErrorValue {
  return { code, params };
}

import type { z } from "zod";
import type { CodedError } from "./define";
import type { ERRORS } from "./list";

export type ErrorCode = keyof typeof ERRORS;

/** The codes of field errors. */
export type InputCode = Extract<ErrorCode, `input.${string}`>;

export type ErrorParams<Code extends ErrorCode> = Readonly<z.infer<(typeof ERRORS)[Code]["params"]>>;

/** An error whose code is in the list. */
export interface ErrorValue extends CodedError {
  readonly code: ErrorCode;
}

/** Creates an error with this code and its params. */
export function errorValue<Code extends ErrorCode>(code: Code, params: ErrorParams<Code>): ErrorValue {
  return { code, params };
}

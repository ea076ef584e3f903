import { z } from "zod";
import { ERRORS } from "./list";
import { type ErrorCode, type ErrorValue, errorValue } from "./value";

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

const coded = z.object({ code: z.string(), params: z.record(z.string(), z.unknown()) });

/** Parses a stored or received error. An unknown one becomes `other` with its text. */
export function parseErrorValue(value: unknown): ErrorValue {
  const { success, data } = coded.safeParse(value);
  if (success && isErrorCode(data.code) && ERRORS[data.code].params.safeParse(data.params).success) {
    return { code: data.code, params: data.params };
  }
  return errorValue("other", { text: typeof value === "string" ? value : JSON.stringify(value ?? null) });
}

import { z } from "zod";
import { ERRORS } from "./list";
import { type ErrorCode, type ErrorValue, errorValue } from "./value";

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

const codes: readonly string[] = Object.keys(ERRORS);

/** The schema of an error in services and tRPC responses. */
export const storedError = z.object({
  code: z.custom<ErrorCode>((code) => codes.includes(String(code))),
  params: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<ErrorValue>;

/** Parses a stored or received error. An unknown one becomes `other` with its text. */
export function parseErrorValue(value: unknown): ErrorValue {
  const { success, data } = storedError.safeParse(value);
  if (success && ERRORS[data.code].params.safeParse(data.params).success) {
    return data;
  }
  return errorValue("other", { text: typeof value === "string" ? value : JSON.stringify(value ?? null) });
}

/** Parses an error stored as JSON text. A sentence that version 0.1.0 stored becomes `other`. */
export function parseStoredError(text: unknown): ErrorValue {
  try {
    return parseErrorValue(JSON.parse(String(text)));
  } catch {
    return parseErrorValue(text);
  }
}

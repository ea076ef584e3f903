import type { z } from "zod";
import {
  type ErrorParams,
  type ErrorValue,
  errorValue,
  type FieldError,
  type InputCode,
  parseErrorValue,
} from "@/server/catalog/errors";
import { invalidInput, MAX_PROBLEMS } from "./errors";

/**
 * Parses external input with its schema.
 * @throws AppError request.invalid with the first hundred invalid fields
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalidInput(fieldErrors(result.error.issues));
}

/** Returns the errors of the first hundred invalid fields. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues
    .slice(0, MAX_PROBLEMS)
    .flatMap((issue): FieldError[] => {
      const path = issue.path.map(String);
      if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), ...problemOf(issue) }];
      return issue.keys.map((key) => ({ path: [...path, key].join("."), ...errorValue("input.unknown_field", {}) }));
    })
    .slice(0, MAX_PROBLEMS);
}

/** Returns options for a refinement or addIssue that reports a code of the list. */
export function inputIssue<Code extends InputCode>(code: Code, params: ErrorParams<Code>) {
  return { code: "custom" as const, params: errorValue(code, params) };
}

function problemOf(issue: z.core.$ZodIssue): ErrorValue {
  switch (issue.code) {
    case "custom":
      return issue.params ? parseErrorValue(issue.params) : errorValue("input.format", {});
    case "invalid_type":
      if ("input" in issue && issue.input === undefined) return errorValue("input.missing", {});
      return errorValue("input.type", { expected: issue.expected });
    case "invalid_value": {
      const allowed = issue.values.map(String).join(", ");
      return errorValue(issue.values.length === 1 ? "input.value" : "input.one_of", { allowed });
    }
    case "invalid_format":
      if (issue.format === "uuid" || issue.format === "guid") return errorValue("input.uuid", {});
      return errorValue(issue.format === "email" ? "input.email" : "input.format", {});
    case "too_small":
      return errorValue(MIN_CODES[issue.origin] ?? "input.min", { min: Number(issue.minimum) });
    case "too_big":
      return errorValue(MAX_CODES[issue.origin] ?? "input.max", { max: Number(issue.maximum) });
    default:
      return errorValue("input.format", {});
  }
}

const MIN_CODES: Readonly<Record<string, "input.min_characters" | "input.min_items" | "input.min_fields">> = {
  string: "input.min_characters",
  array: "input.min_items",
  object: "input.min_fields",
};

const MAX_CODES: Readonly<Record<string, "input.max_characters" | "input.max_items" | "input.max_fields">> = {
  string: "input.max_characters",
  array: "input.max_items",
  object: "input.max_fields",
};

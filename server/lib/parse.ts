import type { z } from "zod";
import { AppError, type FieldProblem } from "./errors";

/** More would be an answer of thousands of lines that nobody reads to the end. */
export const MAX_PROBLEMS = 100;

/**
 * Input from outside as its schema has it.
 * @throws AppError UNPROCESSABLE that names the first hundred fields at fault
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { error: inputProblem });
  if (result.success) return result.data;
  throw unprocessable(result.error.issues.slice(0, MAX_PROBLEMS).flatMap(fieldProblems).slice(0, MAX_PROBLEMS));
}

export function unprocessable(errors: FieldProblem[]): AppError {
  const detail = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  return new AppError("UNPROCESSABLE", detail, { errors });
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "not known here" }));
}

/** What is wrong with a value, to follow the field's name; undefined leaves it to the schema's or zod's own words. */
function inputProblem(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `must be ${issue.expected === "int" ? "a whole number" : withArticle(String(issue.expected))}`;
    case "invalid_value":
      return `must be ${issue.values?.length === 1 ? "" : "one of "}${issue.values?.map(String).join(", ")}`;
    case "too_small":
      return `must ${sized(issue.origin, "at least", issue.minimum)}`;
    case "too_big":
      return `must ${sized(issue.origin, "at most", issue.maximum)}`;
    default:
      return undefined;
  }
}

const UNITS: Readonly<Record<string, string>> = { string: "character", array: "item", object: "field" };

function sized(origin: unknown, bound: string, size: unknown): string {
  const unit = UNITS[String(origin)];
  return unit ? `have ${bound} ${size} ${unit}${Number(size) === 1 ? "" : "s"}` : `be ${bound} ${size}`;
}

const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

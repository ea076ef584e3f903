import type { z } from "zod";
import { AppError, type FieldProblem } from "@/server/errors";

/**
 * Checks a parsed body, a query or path parameters.
 * @throws AppError UNPROCESSABLE that names every field at fault
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unprocessable(result.error.issues.flatMap(fieldProblems));
}

/**
 * The query as one text a parameter.
 * @throws AppError UNPROCESSABLE for a parameter given twice
 */
export function queryValues(url: URL): Record<string, string> {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of url.searchParams) {
    if (values.has(name)) repeated.add(name);
    values.set(name, value);
  }
  if (repeated.size > 0) throw unprocessable([...repeated].map((path) => ({ path, message: "given more than once" })));
  return Object.fromEntries(values);
}

function unprocessable(errors: FieldProblem[]): AppError {
  const detail = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  return new AppError("UNPROCESSABLE", detail, { errors });
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "not known here" }));
}

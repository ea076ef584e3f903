import { z } from "zod";
import { fieldError, invalidInput } from "@/server/lib/errors";

/**
 * Returns the query parameters as text.
 * @throws AppError UNPROCESSABLE for a repeated parameter
 */
export function queryValues(url: URL): Record<string, string> {
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of url.searchParams) {
    if (values.has(name)) repeated.add(name);
    values.set(name, value);
  }
  if (repeated.size > 0) throw invalidInput([...repeated].map((path) => fieldError(path, "input.repeated", {})));
  return Object.fromEntries(values);
}

/**
 * Converts the texts that `schema` declares as numbers or booleans. A text that cannot be converted is left unchanged
 * and rejected by the schema.
 */
export function readTexts(schema: z.core.$ZodType, values: unknown): unknown {
  if (schema instanceof z.ZodPipe) return readTexts(schema.in, values);
  if (!(schema instanceof z.ZodObject) || !isRecord(values)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const field: unknown = Object.hasOwn(schema.shape, name) ? innerType(schema.shape[name]) : undefined;
      if (field instanceof z.ZodNumber && /^\d{1,15}$/.test(String(value))) return [name, Number(value)];
      if (field instanceof z.ZodBoolean && /^(?:true|false)$/.test(String(value))) return [name, value === "true"];
      return [name, value];
    }),
  );
}

function innerType(schema: unknown): unknown {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodLazy;
  return isWrapped ? innerType(schema.unwrap()) : schema;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

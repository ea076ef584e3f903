import { fieldError, invalidInput } from "@/server/lib/errors";

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
  if (repeated.size > 0) throw invalidInput([...repeated].map((path) => fieldError(path, "input.repeated", {})));
  return Object.fromEntries(values);
}

import { unprocessable } from "@/server/lib/parse";

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

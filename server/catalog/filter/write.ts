import type { FieldTerm } from "./tree";

const VALUES = { null: "null", set: "*", empty: '""' } as const;

/** Serializes terms to a filter expression. */
export function writeFilter(terms: readonly Pick<FieldTerm, "field" | "op">[]): string {
  return terms.map(({ field, op }) => `${field}:${VALUES[op]}`).join(" ");
}

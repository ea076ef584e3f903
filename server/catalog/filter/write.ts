import type { FieldTerm } from "./tree";

const VALUES = { null: "null", set: "*", empty: '""' } as const;

/** The text that parses to these terms. */
export function writeFilter(terms: readonly Pick<FieldTerm, "field" | "op">[]): string {
  return terms.map(({ field, op }) => `${field}:${VALUES[op]}`).join(" ");
}

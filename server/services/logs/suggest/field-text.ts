import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import { type FieldTerm, filterTerms, writeField } from "@/server/catalog/filter";
import { derivedValue } from "@/server/db/derived-value";
import { memberText } from "../member-condition";

/** A field of a filter: a column, a derived field, or a member of a JSON column. */
export interface SuggestedField {
  readonly term: Pick<FieldTerm, "field" | "path">;
  /** The value as text. */
  readonly text: SQL;
  /** The column, if the field is one. */
  readonly column?: Column;
}

/** Parses a field as in expressions, `details."case number"`; undefined if the table has no such field with values. */
export function suggestedField(table: BrowsedTable, written: string): SuggestedField | undefined {
  const [term, ...others] = filterTerms(`${written}:*`) ?? [];
  if (term?.kind !== "field" || term.test.op !== "set" || others.length > 0) return undefined;
  const column: Column | undefined = table.columns.find(({ name }) => name === term.field);
  const derived = derivedField(table, term.field);
  if (term.path.length > 0) return column?.type === "jsonb" ? { term, text: memberText(column, term.path) } : undefined;
  if (derived) return { term, text: derivedValue(derived.value, sql`${sql.identifier(derived.column)}`, "postgres") };
  if (!column || column.filter === "range" || !(column.filter || column.type === "text")) return undefined;
  const name = sql.identifier(column.name);
  return { term, column, text: column.type === "inet" ? sql`host(${name})` : sql`${name}::text` };
}

/** A filter on a value of the field, to check whether the caller may use it. */
export function exampleFilter({ term }: SuggestedField): string {
  return writeField({ ...term, test: { op: "match", pattern: ["x"] } });
}

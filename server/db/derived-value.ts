import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable } from "@/server/catalog";
import { type DerivedText, derivedField, derivedFieldsOf } from "@/server/catalog/derived-fields";
import { beforeFirst, contains, replaceMatches } from "@/server/columnar/functions";

/** Where it is computed: in PostgreSQL, or over columns. */
type Place = "postgres" | "columns";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The value of a derived field as text. @param column the column from which it is computed */
export function derivedValue(value: DerivedText, column: SQL, place: Place): SQL {
  const sqlOf = (text: DerivedText) => derivedValue(text, column, place);
  switch (value.kind) {
    case "column":
      return column;
    case "hundreds":
      return sql`substr(lpad(cast(${column} as varchar), 3, '0'), 1, 1)`;
    case "joined":
      return sql`(${sql.join(
        value.parts.map((part) => (typeof part === "string" ? sql`cast(${part} as varchar)` : sqlOf(part))),
        sql` || `,
      )})`;
    case "before":
      return place === "postgres"
        ? sql`split_part(${sqlOf(value.of)}, ${value.sign}, 1)`
        : beforeFirst(sqlOf(value.of), value.sign);
    case "replaced":
      return sql`replace(${sqlOf(value.of)}, ${value.text}, ${value.by})`;
    case "substituted":
      return place === "postgres"
        ? sql`regexp_replace(${sqlOf(value.of)}, ${value.pattern}, ${value.by}, 'g')`
        : replaceMatches(sqlOf(value.of), value.pattern, value.by);
    case "extracted":
      return place === "postgres"
        ? sql`(regexp_match(${sqlOf(value.of)}, ${value.pattern}))[1]`
        : sql`nullif(regexp_extract(${sqlOf(value.of)}, ${value.pattern}, 1), '')`;
    case "lower":
      // PostgreSQL's translate() is slow, and DuckDB's lower() also folds other letters.
      return place === "postgres"
        ? sql`lower(${sqlOf(value.of)} collate "C")`
        : sql`translate(${sqlOf(value.of)}, ${UPPER}, ${UPPER.toLowerCase()})`;
    case "flagged":
      return flagged(value, sqlOf(value.of), sqlOf({ kind: "lower", of: value.of }), place);
  }
}

/** The conditions are in the order of their cost, the pattern last. */
function flagged(
  { column, value, mark, lowerPattern }: Extract<DerivedText, { kind: "flagged" }>,
  text: SQL,
  lower: SQL,
  place: Place,
): SQL {
  const matches =
    place === "postgres" ? sql`${lower} ~ ${lowerPattern}` : sql`regexp_matches(${lower}, ${lowerPattern})`;
  const hasMark = place === "postgres" ? sql`strpos(${text}, ${mark}) > 0` : contains(text, mark);
  return sql`
    case
      when ${sql.identifier(column)} = ${value} then 'true'
      when ${text} is null then null
      when ${hasMark} then 'true'
      when ${matches} then 'true'
      else 'false'
    end`;
}

/** The derived fields of rows in columns, with their names, in the order of segments, which contain them. */
export function computedFields(table: Pick<BrowsedTable, "columns">): SQL[] {
  return derivedFieldsOf(table).flatMap((name) => {
    const field = derivedField(table, name);
    return field
      ? [sql`${derivedValue(field.value, sql`${sql.identifier(field.column)}`, "columns")} as ${sql.identifier(name)}`]
      : [];
  });
}

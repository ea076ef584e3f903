import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { Pattern } from "@/server/catalog/filter";
import { Repeated } from "./evaluate-once";
import { escapeJson } from "./json-text";
import { columnarMatcher, mayContain } from "./patterns";

/** As textCondition, in DuckDB's dialect. */
export function columnarTextCondition(table: BrowsedTable, parts: Pattern): SQL {
  const matches = columnarMatcher(parts);
  const conditions = table.columns.flatMap((column) => {
    if (column.type === "jsonb") return inDocument(column, parts);
    return column.type === "text" || column.type === "inet" ? matches(sql`${sql.identifier(column.name)}`) : [];
  });
  return sql`(${sql.join(conditions, sql` or `)})`;
}

/** The keys, which end in a space, and the values of a document, as PostgreSQL formats it. */
const TOKENS = String.raw`"(?:[^"\\]|\\.)*"(?:: )?|-?[0-9][0-9.]*|true|false`;

/** Separates the values of a document. */
const SEPARATOR = "\u001f";

/** Only in documents that contain a word, keys and values are separated. */
function inDocument({ name }: Column, parts: Pattern): SQL {
  const document = sql`${sql.identifier(name)}`;
  const value = sql`
    case
      when not starts_with(token, '"') then token
      when not ends_with(token, ' ') then json_extract_string(token, '$')
    end`;
  const candidates = mayContain(parts.map(escapeJson), document);
  const values = new Repeated(
    `${name}_values`,
    sql`list_transform(regexp_extract_all(${document}, ${TOKENS}), lambda token : ${value})`,
    candidates,
    true,
  );
  if (parts.length === 1 && !parts[0]?.includes(SEPARATOR)) {
    const joined = new Repeated(`${name}_text`, sql`array_to_string(${values.value}, ${SEPARATOR})`, candidates);
    return sql`case when ${candidates} then ${columnarMatcher(parts)(sql`${joined}`)} else false end`;
  }
  return sql`
    case
      when ${candidates} then len(list_filter(${values}, lambda token : ${columnarMatcher(parts)(sql`token`)})) > 0
      else false
    end`;
}

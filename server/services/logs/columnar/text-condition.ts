import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { Pattern } from "@/server/catalog/filter";
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

/** Only in documents that contain the parts, keys and values are separated. */
function inDocument({ name }: Column, parts: Pattern): SQL {
  const document = sql`${sql.identifier(name)}`;
  const value = sql`
    case
      when not starts_with(token, '"') then token
      when not ends_with(token, ' ') then json_extract_string(token, '$')
    end`;
  const tokens = sql`regexp_extract_all(${document}, ${TOKENS})`;
  return sql`
    case
      when ${mayContain(parts.map(escapeJson), document)}
      then len(list_filter(${tokens}, lambda token : ${columnarMatcher(parts)(value)})) > 0
      else false
    end`;
}

import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { Pattern } from "@/server/catalog/filter";
import { endsWithText, inDialects, startsWithText, textOfJsonString } from "@/server/columnar";
import { Repeated } from "./evaluate-once";
import { escapeJson } from "./json-text";
import { columnarMatcher, mayContain } from "./patterns";

/** As textCondition, in the dialects of columns. */
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
  const token = sql.raw("token");
  const value = sql`
    case
      when not ${startsWithText(token, '"')} then token
      when not ${endsWithText(token, " ")} then ${textOfJsonString(token)}
    end`;
  const candidates = mayContain(parts.map(escapeJson), document);
  const values = new Repeated(
    `${name}_values`,
    inDialects(
      sql`list_transform(regexp_extract_all(${document}, ${TOKENS}), lambda token : ${value})`,
      sql`arrayMap(token -> ifNull(${value}, ''), extractAll(ifNull(${document}, ''), ${TOKENS}))`,
    ),
    candidates,
    true,
  );
  if (parts.length === 1 && !parts[0]?.includes(SEPARATOR)) {
    const text = inDialects(
      sql`array_to_string(${values.value}, ${SEPARATOR})`,
      sql`arrayStringConcat(${values.value}, ${SEPARATOR})`,
    );
    const joined = new Repeated(`${name}_text`, text, candidates);
    return sql`case when ${candidates} then ${columnarMatcher(parts)(sql`${joined}`)} else false end`;
  }
  const matches = columnarMatcher(parts)(token);
  const found = inDialects(
    sql`len(list_filter(${values}, lambda token : ${matches})) > 0`,
    sql`arrayExists(token -> ${matches}, ${values.value})`,
  );
  return sql`case when ${candidates} then ${found} else false end`;
}

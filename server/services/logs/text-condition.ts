import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, Column } from "@/server/catalog";
import type { Pattern } from "@/server/catalog/filter";
import { anyCase, hasCase } from "@/server/lib/any-case";
import { mayContainWords } from "@/server/services/segment-blocks";
import type { Condition } from "./column-conditions";
import { columnarTextCondition } from "./columnar/text-condition";

/** Separates the columns of a row, so that no match extends over two of them. */
const SEPARATOR = "\u001f";

/** Rows in which the parts occur, in order and in any case, in one text column, address or JSON value. */
export function textCondition(table: BrowsedTable, parts: Pattern): Condition {
  const matches = matcher(parts);
  const texts = table.columns.flatMap((column) => textOf(column) ?? []);
  const isSeparable = !parts.some((part) => part.includes(SEPARATOR)) && parts.length === 1;
  const inColumns = isSeparable
    ? matches(sql`concat_ws(${SEPARATOR}, ${sql.join(texts, sql`, `)})`)
    : sql.join(texts.map(matches), sql` or `);
  const documents = table.columns.filter(({ type }) => type === "jsonb");
  return {
    condition: sql`(${sql.join([inColumns, ...documents.map((column) => inDocument(column, parts))], sql` or `)})`,
    columnar: columnarTextCondition(table, parts),
    blocks: mayContainWords(parts),
  };
}

/** Rows whose text matches a pattern with at least one star, in the same case. */
export function patternCondition(text: SQL, pattern: Pattern): SQL {
  return sql`${text} like ${pattern.map(likeLiteral).join("%")}`;
}

/** The text of a column; undefined for a column that is not searched. */
function textOf({ name, type }: Column): SQL | undefined {
  if (type === "text") return sql.identifier(name).getSQL();
  return type === "inet" ? sql`host(${sql.identifier(name)})` : undefined;
}

function inDocument({ name }: Column, parts: Pattern): SQL {
  const column = sql.identifier(name);
  const matches = matcher(parts);
  const values = sql`
    exists (
      select from jsonb_path_query(${column}, 'strict $.**') as member (value)
      where jsonb_typeof(value) not in ('object', 'array') and ${matches(sql`(value #>> '{}')`)}
    )`;
  // The text of the document contains the values as they are, except for characters that JSON escapes.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes control characters.
  return parts.some((part) => /["\\\u0000-\u001f]/u.test(part))
    ? values
    : sql`(${matches(sql`${column}::text`)} and ${values})`;
}

/**
 * Returns the condition that a text contains the parts. Without letters that have a case, LIKE is faster. Regular
 * expressions list the cases of each letter, because the columns' collation folds only ASCII.
 */
function matcher(parts: Pattern): (text: SQL) => SQL {
  if (!parts.some(hasCase)) return (text) => patternCondition(text, ["", ...parts, ""]);
  const expression = parts.map(anyCase).join(".*");
  return (text) => sql`${text} ~ ${expression}`;
}

function likeLiteral(part: string): string {
  return part.replace(/[\\%_]/g, "\\$&");
}

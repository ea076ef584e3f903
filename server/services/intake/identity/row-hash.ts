import { hash } from "node:crypto";
import type { Column } from "@/server/catalog";
import type { Row } from "../batch";

/**
 * What stands for a row's content: SHA-256 over PostgreSQL's text of every column, each with its length before it.
 * A text has no length where it is NULL; of any other type NULL is the only empty text. Cleanups compare it before they
 * delete, so that a row goes only if an archive has the same content, not just the same key. Not a short hash: log lines
 * come from strangers, who could make two of them that collide.
 * @param alias of the table in the statement
 * @returns SQL of the hash as bytea
 */
export function rowHashSql(columns: readonly Column[], alias: string): string {
  const parts = columns.map(({ name, type }) => {
    const value = `${alias}.${name}`;
    return `${type === "text" ? `octet_length(${value})` : `octet_length(concat(${value}))`}, ':', ${value}`;
  });
  // concat writes a value as COPY does, where a cast to text writes addresses in another way.
  return `sha256(convert_to(concat(${parts.join(", ")}), 'UTF8'))`;
}

/** The same of a row that COPY wrote. @returns hex */
function rowHash(columns: readonly Column[], row: Row): string {
  const parts = columns.map(({ type }, index) => {
    const value = row[index] ?? null;
    if (value === null) return type === "text" ? ":" : "0:";
    return `${Buffer.byteLength(value)}:${value}`;
  });
  return hash("sha256", parts.join(""), "hex");
}

/** Hashes as a PostgreSQL literal of bytea[]. */
export function hashArray(columns: readonly Column[], rows: readonly Row[]): string {
  return `{${rows.map((row) => `"\\\\x${rowHash(columns, row)}"`).join(",")}}`;
}

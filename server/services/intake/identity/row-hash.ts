import { hash } from "node:crypto";
import type { Column } from "@/server/catalog";
import type { Row } from "../batch";

/**
 * A hash of a row's content: SHA-256 over PostgreSQL's text of every column, each prefixed with its length. NULL text
 * has no length; for other types only NULL is empty. Cleanups compare it before they delete, so that a row is deleted
 * only if an archive has the same content, not just the same key. A short hash would be unsafe: log lines are
 * untrusted, and collisions could be constructed.
 * @param alias of the table in the statement
 * @returns SQL of the hash as bytea
 */
export function rowHashSql(columns: readonly Column[], alias: string): string {
  const parts = columns.map(({ name, type }) => {
    const value = `${alias}.${name}`;
    return `${type === "text" ? `octet_length(${value})` : `octet_length(concat(${value}))`}, ':', ${value}`;
  });
  // concat formats values as COPY does, whereas a cast to text formats addresses differently.
  return `sha256(convert_to(concat(${parts.join(", ")}), 'UTF8'))`;
}

/** The hash of a row in COPY format. @returns hex */
function rowHash(columns: readonly Column[], row: Row): string {
  const parts = columns.map(({ type }, index) => {
    const value = row[index] ?? null;
    if (value === null) return type === "text" ? ":" : "0:";
    return `${Buffer.byteLength(value)}:${value}`;
  });
  return hash("sha256", parts.join(""), "hex");
}

/** Formats hashes as a PostgreSQL literal of bytea[]. */
export function hashArray(columns: readonly Column[], rows: readonly Row[]): string {
  return `{${rows.map((row) => `"\\\\x${rowHash(columns, row)}"`).join(",")}}`;
}

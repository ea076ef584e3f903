import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { evaluatedOnce } from "./evaluate-once";
import { memberOf } from "./member";
import { candidatesOf } from "./member-condition";

/**
 * The value of a member of a JSON column as text, in DuckDB's dialect: as PostgreSQL's `#>>`.
 * @param kind `number`: only numbers, with the digits of the document
 */
export function columnarMemberValue({ name }: Column, path: readonly string[], kind: "text" | "number"): SQL {
  const candidates = candidatesOf(sql`${sql.identifier(name)}`, path, { op: "set" });
  const { text, isNumber } = memberOf(name, path, candidates, false);
  const needed = kind === "number" ? sql`${candidates} and ${isNumber}` : candidates;
  const [value = text] = evaluatedOnce([sql`case when ${needed} then ${text} end`]);
  return value;
}

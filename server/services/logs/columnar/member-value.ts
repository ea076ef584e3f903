import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { evaluatedOnce } from "./evaluate-once";
import { memberOf } from "./member";
import { candidatesOf } from "./member-condition";

/**
 * The value of a member of a JSON column as text, in DuckDB's dialect: as PostgreSQL's `#>>`.
 * @param kind `number`: only numbers, with all digits but not always those of the document
 */
export function columnarMemberValue({ name }: Column, path: readonly string[], kind: "text" | "number"): SQL {
  const candidates = candidatesOf(sql`${sql.identifier(name)}`, path, { op: "set" });
  const { text, isNumber, fraction } = memberOf(name, path, candidates, false);
  const number = fraction ? sql`coalesce(${fraction}, ${text})` : text;
  const [value = text] = evaluatedOnce([
    kind === "number"
      ? sql`case when ${candidates} and ${isNumber} then ${number} end`
      : sql`case when ${candidates} then ${text} end`,
  ]);
  return value;
}

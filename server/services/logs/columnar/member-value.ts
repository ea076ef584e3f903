import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { inDialects } from "@/server/columnar";
import { evaluatedOnce } from "./evaluate-once";
import { memberOf } from "./member";
import { candidatesOf } from "./member-condition";

/**
 * The value of a member of a JSON column as text: as PostgreSQL's `#>>`.
 * @param kind `number`: only numbers, with all digits but not always those of the document
 */
export function columnarMemberValue({ name }: Column, path: readonly string[], kind: "text" | "number"): SQL {
  const candidates = candidatesOf(sql`${sql.identifier(name)}`, path, { op: "set" });
  const { text, isNumber, plain } = memberOf(name, path, candidates, false);
  const value = evaluatedOnce([
    sql`case when ${kind === "number" ? sql`${candidates} and ${isNumber}` : candidates} then ${text} end`,
  ]);
  if (!plain) return value;
  // Most values are plain, and reading them outside of lambdas takes a third of the time.
  const isPlain = kind === "number" ? plain.isPlainNumber : plain.isPlain;
  return inDialects(
    sql`case when not ${candidates} then null when ${isPlain} then ${plain.text} else ${value} end`,
    value,
  );
}

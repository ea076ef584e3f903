import { type SQL, sql } from "drizzle-orm";
import type { Pattern } from "@/server/catalog/filter";
import { anyCase, hasCase } from "../any-case";

/** Rows whose text matches a pattern with at least one star, in the same case, in DuckDB's dialect. */
export function columnarPattern(text: SQL, pattern: Pattern): SQL {
  const [first = "", second = "", third] = pattern;
  // Unlike LIKE with an escape character, these functions search by bytes.
  if (pattern.length === 2 && second === "") return sql`starts_with(${text}, ${first})`;
  if (pattern.length === 2 && first === "") return sql`ends_with(${text}, ${second})`;
  if (pattern.length === 3 && first === "" && third === "") return sql`contains(${text}, ${second})`;
  return sql`${text} like ${pattern.map((part) => part.replace(/[\\%_]/g, "\\$&")).join("%")} escape '\\'`;
}

/** Returns the condition that a text contains the parts in order and in any case, in DuckDB's dialect. */
export function columnarMatcher(parts: Pattern): (text: SQL) => SQL {
  if (!parts.some(hasCase)) return (text) => columnarPattern(text, ["", ...parts, ""]);
  const expression = `(?s)${parts.map(anyCase).join(".*")}`;
  return (text) => sql`regexp_matches(${text}, ${expression})`;
}

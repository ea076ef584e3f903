import { type SQL, sql } from "drizzle-orm";
import type { Pattern } from "@/server/catalog/filter";
import { anyCase, caseVariants, hasCase } from "../any-case";

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
  return (text) => sql`(${mayContain(parts, text)} and regexp_matches(${text}, ${expression}))`;
}

/** A superset of the texts that contain the parts in any case, which costs a fourth of the regular expression. */
export function mayContain(parts: Pattern, text: SQL): SQL {
  const part = parts.reduce((longest, other) => (other.length > longest.length ? other : longest), "");
  if (!hasCase(part)) return sql`contains(${text}, ${part})`;
  const characters = [...part];
  const others = characters.flatMap((character) => {
    const lower = lowered(character);
    return caseVariants(character).filter((variant) => lower === undefined || lowered(variant) !== lower);
  });
  const conditions = [
    sql`contains(lower(${text}), ${characters.map((character) => lowered(character) ?? character).join("")})`,
    // Such as ſ, the other small letter of S.
    ...[...new Set(others)].map((other) => sql`contains(${text}, ${other})`),
  ];
  return sql`(${sql.join(conditions, sql` or `)})`;
}

/** Above, versions of Unicode differ. */
const LAST_LOWERED = 0x5ff;

/** The result of DuckDB's lower() for a character; undefined if unknown. */
export function lowered(character: string): string | undefined {
  const lower = character.toLowerCase();
  return (character.codePointAt(0) ?? 0) <= LAST_LOWERED && [...lower].length === 1 ? lower : undefined;
}

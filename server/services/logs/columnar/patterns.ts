import { type SQL, sql } from "drizzle-orm";
import type { Pattern } from "@/server/catalog/filter";
import {
  contains,
  endsWithText,
  inDialects,
  lengthOf,
  letBe,
  positionOf,
  slice,
  startsWithText,
} from "@/server/columnar";
import { anyCase, caseVariants, hasCase } from "@/server/lib/any-case";

/** Rows whose text matches a pattern with at least one star, in the same case, in DuckDB's dialect. */
export function columnarPattern(text: SQL, pattern: Pattern): SQL {
  const [first = "", second = "", third] = pattern;
  // Unlike LIKE with an escape character, these functions search by bytes.
  if (pattern.length === 2 && second === "") return startsWithText(text, first);
  if (pattern.length === 2 && first === "") return endsWithText(text, second);
  if (pattern.length === 3 && first === "" && third === "") return contains(text, second);
  return letBe(text, "whole")((whole) => inOrder(whole, pattern));
}

/**
 * Takes the first occurrence of each part in what the previous ones left, in linear time. DuckDB's LIKE tries every
 * occurrence, which takes hours for some texts and cannot be cancelled, and it converts such regular expressions to LIKE.
 */
function inOrder(text: SQL, pattern: Pattern): SQL {
  const first = pattern[0] ?? "";
  const last = pattern.at(-1) ?? "";
  const inner = pattern.slice(1, -1).filter((part) => part !== "");
  const ends = characters(first) + characters(last);
  const conditions = [
    sql`${lengthOf(text)} >= ${ends}`,
    startsWithText(text, first),
    endsWithText(text, last),
    ...inner.map((part) => contains(text, part)),
  ];
  const between = slice(text, characters(first) + 1, sql`${lengthOf(text)} - ${ends}`);
  const rest = inner.reduce((left, part) => letBe(left)((value) => behind(value, part)), between);
  return sql`
    case
      when ${text} is null then null
      when ${sql.join(conditions, sql` and `)} then ${rest} is not null
      else false
    end`;
}

/** What follows the first occurrence of a part; null if there is none. */
function behind(text: SQL, part: string): SQL {
  return sql`case when ${contains(text, part)} then ${slice(text, sql`${positionOf(text, part)} + ${characters(part)}`)} end`;
}

/** In code points, as DuckDB counts; a lone surrogate becomes a replacement character. */
function characters(text: string): number {
  return [...text].length;
}

/** Returns the condition that a text contains the parts in order and in any case, in DuckDB's dialect. */
export function columnarMatcher(parts: Pattern): (text: SQL) => SQL {
  if (!parts.some(hasCase)) return (text) => columnarPattern(text, ["", ...parts, ""]);
  const expression = `(?s)${parts.map(anyCase).join(".*")}`;
  return (text) => sql`(${mayContain(parts, text)} and regexp_matches(${text}, ${expression}))`;
}

/** A superset of the texts that contain the parts in any case, which costs a fourth of the regular expression. */
export function mayContain(parts: Pattern, text: SQL): SQL {
  const longestFirst = [...new Set(parts)].sort((one, other) => other.length - one.length);
  return sql`(${sql.join(
    longestFirst.map((part) => mayContainPart(part, text)),
    sql` and `,
  )})`;
}

function mayContainPart(part: string, text: SQL): SQL {
  if (!hasCase(part)) return contains(text, part);
  const characters = [...part];
  const others = characters.flatMap((character) => {
    const lower = lowered(character);
    return caseVariants(character).filter((variant) => lower === undefined || lowered(variant) !== lower);
  });
  const conditions = [
    contains(sql`lower(${text})`, characters.map((character) => lowered(character) ?? character).join("")),
    // Such as ſ, the other small letter of S.
    ...[...new Set(others)].map((other) => contains(text, other)),
  ];
  // ClickHouse's lower() depends on neighbouring letters, or converts only ASCII.
  return inDialects(sql`(${sql.join(conditions, sql` or `)})`, sql`match(${text}, ${anyCase(part)})`);
}

/** Above, versions of Unicode differ. */
const LAST_LOWERED = 0x5ff;

/** The result of DuckDB's lower() for a character; undefined if unknown. */
export function lowered(character: string): string | undefined {
  const lower = character.toLowerCase();
  return (character.codePointAt(0) ?? 0) <= LAST_LOWERED && [...lower].length === 1 ? lower : undefined;
}

import { type SQL, sql } from "drizzle-orm";
import { inDialects, lengthOf, replaceMatches, slice, startsWithText, textOfJsonString } from "@/server/columnar";

/** Returns a text as it is between the quotes of a string of PostgreSQL's jsonb. */
export function escapeJson(text: string): string {
  return JSON.stringify(wellFormed(text)).slice(1, -1);
}

/** A lone surrogate reaches databases as a replacement character. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Introduces the escape sequences of encoded documents. Any character would do, because it is escaped too. */
const X = "\ue000";
/** The start of a number in an encoded document. */
const NUMBER = `${X}N`;

/**
 * Encodes a document of jsonb, so that functions that parse it return numbers and strings unchanged: numbers are strings
 * that start with NUMBER, and no string contains quotes or backslashes.
 */
export function encodedDocument(document: SQL): SQL {
  const escaped = replaced(document, [
    [X, `${X}A`],
    ["\\\\", `${X}B`],
    ['\\"', `${X}C`],
    ["\\", `${X}D`],
  ]);
  // The regular expression cannot exclude strings: they are followed by an empty number, which is then removed.
  const numbers = replaceMatches(escaped, '("[^"]*")|(-?[0-9][0-9.]*)', `\\1"${NUMBER}\\2"`);
  return replaced(numbers, [[`""${NUMBER}"`, '"']]);
}

/** Returns a key as it is in an encoded document. */
export function encodedKey(key: string): string {
  return escapeJson(key)
    .replaceAll(X, `${X}A`)
    .replaceAll("\\\\", `${X}B`)
    .replaceAll('\\"', `${X}C`)
    .replaceAll("\\", `${X}D`);
}

/** Whether a member of an encoded document is a number. */
export function isEncodedNumber(member: SQL): SQL {
  return startsWithText(member, `"${NUMBER}`);
}

/**
 * Returns the text of a member of an encoded document, as PostgreSQL's `#>>`.
 * @param member an expression without cost
 */
export function encodedText(member: SQL): SQL {
  const spaced = replaced(replaceMatches(member, '("[^"]*")|([,:])', `\\1${X}P\\2${X}Q`), [
    [`${X}P${X}Q`, ""],
    [`${X}P,${X}Q`, ", "],
    [`${X}P:${X}Q`, ": "],
  ]);
  const numbers = replaceMatches(spaced, `"${NUMBER}([^"]*)"`, "\\1");
  return sql`
    case
      when ${member} = 'null' then null
      when ${isEncodedNumber(member)} then ${slice(member, 4, sql`${lengthOf(member)} - 4`)}
      when ${startsWithText(member, '"')} then ${textOfJsonString(decoded(member))}
      when ${startsWithText(member, "{")} or ${startsWithText(member, "[")} then ${decoded(plainSeparators(numbers))}
      else ${member}
    end`;
}

/** ClickHouse escapes the line separators of Unicode in documents that it returns. */
function plainSeparators(text: SQL): SQL {
  return inDialects(
    text,
    replaced(text, [
      ["\\u2028", "\u2028"],
      ["\\u2029", "\u2029"],
    ]),
  );
}

function decoded(text: SQL): SQL {
  return replaced(text, [
    [`${X}D`, "\\"],
    [`${X}C`, '\\"'],
    [`${X}B`, "\\\\"],
    [`${X}A`, X],
  ]);
}

function replaced(text: SQL, replacements: readonly (readonly [from: string, to: string])[]): SQL {
  return replacements.reduce((result, [from, to]) => sql`replace(${result}, ${from}, ${to})`, text);
}

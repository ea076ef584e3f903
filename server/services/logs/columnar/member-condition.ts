import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import type { FieldTest } from "@/server/catalog/filter";
import { contains, letBe } from "@/server/columnar";
import { isJsonNumber } from "@/server/lib/json-number";
import { canonicalNumber, comparedNumber, equalNumber } from "./decimal";
import { escapeJson } from "./json-text";
import { arrayIndex, type Member, memberOf } from "./member";
import { columnarPattern } from "./patterns";

/**
 * As memberCondition, in DuckDB's dialect. Documents are parsed only if their text contains what a matching one must
 * contain.
 */
export function columnarMemberCondition({ name }: Column, path: readonly string[], test: FieldTest): SQL {
  const document = sql`${sql.identifier(name)}`;
  const candidates = candidatesOf(document, path, test);
  const member = memberOf(name, path, candidates, test.op === "match" && test.pattern.length === 1);
  return test.op === "null"
    ? sql`case when ${candidates} then not ${member.isSet} else true end`
    : sql`case when ${candidates} then ${exact(member, test)} else false end`;
}

function exact({ text, isNumber, isSet }: Member, test: FieldTest): SQL {
  switch (test.op) {
    case "null":
    case "set":
      return isSet;
    case "empty":
      return sql`${text} = ''`;
    case "match": {
      const [value = "", ...others] = test.pattern;
      if (others.length > 0) return columnarPattern(text, test.pattern);
      if (!isJsonNumber(value)) return sql`${text} = ${value}`;
      return letBe(
        text,
        "member_text",
      )((member) => sql`${member} = ${value} or (${isNumber} and ${equalNumber(member, value)})`);
    }
    default:
      return sql`case when ${isNumber} then ${letBe(text)((number) => comparedNumber(number, test.op, test.value))} end`;
  }
}

/** A superset of the documents that have the member and, for a match, its value. */
export function candidatesOf(document: SQL, path: readonly string[], test: FieldTest): SQL {
  const last = path.at(-1) ?? "";
  const key = path.findLast((part) => arrayIndex(part) === undefined);
  const keyText = key === undefined ? "" : `"${escapeJson(key)}": `;
  const conditions = keyText ? [contains(document, keyText)] : [sql`${document} is not null`];
  if (test.op === "empty") conditions.push(contains(document, '""'));
  if (test.op === "match") {
    const [value = "", ...others] = test.pattern;
    if (others.length > 0) {
      // Objects and arrays contain quotes as they are, strings contain them escaped.
      const part = test.pattern.filter((text) => escapeJson(text) === text).sort((a, b) => b.length - a.length)[0];
      if (part) conditions.push(contains(document, part));
    } else {
      const before = arrayIndex(last) === undefined ? keyText : "";
      const forms = [
        `${before}"${escapeJson(value)}"`,
        `${before}${isJsonNumber(value) ? canonicalNumber(value) : value}`,
      ];
      return sql`(${sql.join(
        forms.map((form) => contains(document, form)),
        sql` or `,
      )})`;
    }
  }
  return sql`(${sql.join(conditions, sql` and `)})`;
}

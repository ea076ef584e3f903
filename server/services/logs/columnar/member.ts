import { type SQL, sql } from "drizzle-orm";
import { encodedDocument, encodedKey, encodedText, isEncodedNumber } from "./json-text";

/** A member of a JSON document as expressions of DuckDB. */
export interface Member {
  /** As PostgreSQL's `#>>`: null if it is missing or null. */
  readonly text: SQL;
  readonly isNumber: SQL;
}

const MAX_INDEX = 2_147_483_647;

/** Returns the index of arrays that a key in a path also is; negative from the end. PostgreSQL reads it by strtol(). */
export function arrayIndex(key: string): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(key)) return undefined;
  const index = Number(key);
  return Math.abs(index) <= MAX_INDEX ? index : undefined;
}

/** Returns the member at a path, whose keys are those of objects or indexes of arrays. */
export function memberOf(document: SQL, path: readonly string[]): Member {
  const isPlain = path.every((key) => arrayIndex(key) === undefined || /^(?:0|[1-9]\d*)$/.test(key));
  const encoded = encodedDocument(document);
  const extracted = isPlain
    ? sql`json_extract(${encoded}, ${pointer(path.map(encodedKey))})`
    : path.reduce((inner, key) => step(inner, key), encoded);
  const exact = letBe(sql`${extracted}::varchar`);
  if (!isPlain) return { text: exact(encodedText), isNumber: exact(isEncodedNumber) };
  const type = sql`json_type(${document}, ${pointer(path)})`;
  const text = sql`json_extract_string(${document}, ${pointer(path)})`;
  // Parsers change fractions and numbers of more than 64 bits, and the spaces between the members of objects and arrays.
  return {
    text: sql`
      case
        when ${type} in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') then ${text}
        when ${type} <> 'NULL' then ${exact(encodedText)}
      end`,
    isNumber: sql`${type} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`,
  };
}

/** Evaluates an expression once for a formula that repeats it. */
export function letBe(value: SQL, name = "member"): (formula: (value: SQL) => SQL) => SQL {
  const parameter = sql.identifier(name).getSQL();
  return (formula) => sql`(list_transform([${value}], lambda ${parameter} : ${formula(parameter)})[1])`;
}

function step(inner: SQL, key: string): SQL {
  const own = pointer([encodedKey(key)]);
  const index = arrayIndex(key);
  if (index === undefined) return sql`json_extract(${inner}, ${own})`;
  const element = index < 0 ? `$[#${index}]` : `$[${Math.abs(index)}]`;
  return sql`list_any_value(json_extract(${inner}, [${own}, ${element}]))`;
}

/** Returns a JSON pointer, by which a number is an index in arrays and a key in objects. */
function pointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

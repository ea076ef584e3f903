import { type SQL, sql } from "drizzle-orm";
import { letBe, Repeated } from "./evaluate-once";
import { encodedDocument, encodedKey, encodedText, isEncodedNumber } from "./json-text";

/** A member of a JSON document as expressions of DuckDB. */
export interface Member {
  /** As PostgreSQL's `#>>`: null if it is missing or null. */
  readonly text: SQL;
  readonly isNumber: SQL;
  readonly isSet: SQL;
  /** A faster form for values that DuckDB returns as PostgreSQL does; undefined for paths that it does not read alike. */
  readonly plain?: {
    readonly text: SQL;
    readonly isPlain: SQL;
    /** Fractions too, whose value a double represents: `text` does not always have the digits of the document. */
    readonly isPlainNumber: SQL;
  };
}

/** A number of a document that a double may not represent has so many characters. */
const LONG_NUMBER = "[0-9.]{17}";

const MAX_INDEX = 2_147_483_647;

/** Returns the index of arrays that a key in a path also is; negative from the end. PostgreSQL reads it by strtol(). */
export function arrayIndex(key: string): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(key)) return undefined;
  const index = Number(key);
  return Math.abs(index) <= MAX_INDEX ? index : undefined;
}

/**
 * Returns the member at a path, whose keys are those of objects or indexes of arrays.
 * @param name of the column
 * @param candidates the documents for which it is read
 * @param isSelective whether they are few
 */
export function memberOf(name: string, path: readonly string[], candidates: SQL, isSelective: boolean): Member {
  const document = sql.identifier(name);
  const isPlain = path.every((key) => arrayIndex(key) === undefined || /^(?:0|[1-9]\d*)$/.test(key));
  // Identifiers of DuckDB ignore case.
  const id = Buffer.from(JSON.stringify(path)).toString("hex");
  const typeOf = sql`json_type(${document}, ${pointer(path)})`;
  const type = sql`${new Repeated(`${name}_type_${id}`, typeOf, candidates)}`;
  const isEncoded = sql`${type} not in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN', 'NULL')`;
  const encoded = sql`${new Repeated(
    `${name}_encoded`,
    encodedDocument(sql`${document}`),
    isPlain ? sql`(${candidates} and ${isEncoded})` : candidates,
    false,
    2,
  )}`;
  const extracted = isPlain
    ? sql`json_extract(${encoded}, ${pointer(path.map(encodedKey))})`
    : path.reduce((inner, key) => step(inner, key), encoded);
  const once = (text: SQL) =>
    sql`${new Repeated(`${name}_member_${id}`, text, candidates, !isPlain || !isSelective, 3)}`;
  const exact = letBe(sql`${extracted}::varchar`);
  if (!isPlain) {
    const isSet = exact((member) => sql`${member} <> 'null'`);
    return { text: once(exact(encodedText)), isNumber: exact(isEncodedNumber), isSet: sql`coalesce(${isSet}, false)` };
  }
  const text = sql`json_extract_string(${document}, ${pointer(path)})`;
  // Parsers change fractions and numbers of more than 64 bits, and the spaces between the members of objects and arrays.
  return {
    text: once(sql`
      case
        when ${type} in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') then ${text}
        when ${isEncoded} then ${exact(encodedText)}
      end`),
    isNumber: sql`${type} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`,
    isSet: sql`coalesce(${type} <> 'NULL', false)`,
    plain: {
      text,
      isPlain: sql`${typeOf} in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN', 'NULL')`,
      isPlainNumber: sql`
        case ${typeOf}
          when 'BIGINT' then true
          when 'UBIGINT' then true
          when 'DOUBLE' then not regexp_matches(${document}, ${LONG_NUMBER})
            and regexp_full_match(${text}, ${"-?[0-9]+\\.[0-9]+"})
          else false
        end`,
    },
  };
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

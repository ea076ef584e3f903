import { type SQL, sql } from "drizzle-orm";
import { inDialects, letBe, startsWithText } from "@/server/columnar";
import { Repeated } from "./evaluate-once";
import { encodedDocument, encodedKey, encodedText, isEncodedNumber } from "./json-text";

/** A member of a JSON document as expressions over columns. */
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
  const isCounted = !isPlain || !isSelective;
  if (!isPlain)
    return memberOfEncoded(path, encoded, (text) => once(`${name}_member_${id}`, text, candidates, isCounted));
  const exact = letBe(sql`json_extract(${encoded}, ${pointer(path.map(encodedKey))})::varchar`);
  const text = sql`json_extract_string(${document}, ${pointer(path)})`;
  // Parsers change fractions and numbers of more than 64 bits, and the spaces between the members of objects and arrays.
  const inDuckdb = once(
    `${name}_member_${id}`,
    sql`
      case
        when ${type} in ('VARCHAR', 'BIGINT', 'UBIGINT', 'BOOLEAN') then ${text}
        when ${isEncoded} then ${exact(encodedText)}
      end`,
    candidates,
    isCounted,
  );
  // ClickHouse does not read documents with numbers of more than 64 bits.
  const inClickhouse = memberOfEncoded(path, encodedDocument(sql`${document}`), (value) => value);
  return {
    text: inDialects(inDuckdb, inClickhouse.text),
    isNumber: inDialects(sql`${type} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`, inClickhouse.isNumber),
    isSet: inDialects(sql`coalesce(${type} <> 'NULL', false)`, inClickhouse.isSet),
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

function once(name: string, value: SQL, needed: SQL, isCounted: boolean): SQL {
  return sql`${new Repeated(name, value, needed, isCounted, 3)}`;
}

/** The member at any path, from an encoded document. */
function memberOfEncoded(path: readonly string[], encoded: SQL, toText: (value: SQL) => SQL): Member {
  const extracted = path.reduce((inner, key) => step(inner, key), encoded);
  const exact = letBe(inDialects(sql`${extracted}::varchar`, sql`nullIf(${extracted}, '')`));
  const isSet = exact((member) => sql`${member} <> 'null'`);
  return {
    text: toText(exact(encodedText)),
    isNumber: exact(isEncodedNumber),
    isSet: sql`coalesce(${isSet}, false)`,
  };
}

/** ClickHouse counts from 1, and takes a number in an object for the place of a member. */
function step(inner: SQL, key: string): SQL {
  const own = encodedKey(key);
  const index = arrayIndex(key);
  if (index === undefined)
    return inDialects(sql`json_extract(${inner}, ${pointer([own])})`, sql`JSONExtractRaw(${inner}, ${own})`);
  const element = index < 0 ? `$[#${index}]` : `$[${Math.abs(index)}]`;
  const place = sql.raw(String(index < 0 ? index : index + 1));
  return inDialects(
    sql`list_any_value(json_extract(${inner}, [${pointer([own])}, ${element}]))`,
    letBe(inner)(
      (outer) => sql`
        case
          when ${startsWithText(outer, "[")} then JSONExtractRaw(${outer}, ${place})
          else JSONExtractRaw(${outer}, ${own})
        end`,
    ),
  );
}

/** Returns a JSON pointer, by which a number is an index in arrays and a key in objects. */
function pointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

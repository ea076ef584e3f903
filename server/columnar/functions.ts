import { type SQL, sql } from "drizzle-orm";
import { inDialects } from "./dialect";

/** Functions of text, lists, JSON and numbers that engines name differently, with the names of DuckDB. */

type Text = SQL | string;

/** Whether the text contains the part, compared by bytes. */
export function contains(text: SQL, part: Text): SQL {
  return inDialects(sql`contains(${text}, ${part})`, sql`(position(${text}, ${part}) > 0)`);
}

export function startsWithText(text: SQL, start: Text): SQL {
  return inDialects(sql`starts_with(${text}, ${start})`, sql`startsWith(${text}, ${start})`);
}

export function endsWithText(text: SQL, end: Text): SQL {
  return inDialects(sql`ends_with(${text}, ${end})`, sql`endsWith(${text}, ${end})`);
}

/** The number of code points. */
export function lengthOf(text: SQL): SQL {
  return inDialects(sql`length(${text})`, sql`lengthUTF8(${text})`);
}

/** A part of a text. @param start from 1, in code points */
export function slice(text: SQL, start: SQL | number, length?: SQL | number): SQL {
  const rest = length === undefined ? sql`` : sql`, ${length}`;
  return inDialects(sql`substr(${text}, ${start}${rest})`, sql`substringUTF8(${text}, ${start}${rest})`);
}

/** The position of the first occurrence of a part from 1, in code points; 0 if there is none. */
export function positionOf(text: SQL, part: Text): SQL {
  return inDialects(sql`strpos(${text}, ${part})`, sql`positionUTF8(${text}, ${part})`);
}

/** The text before the first separator, or the whole text. */
export function beforeFirst(text: SQL, separator: string): SQL {
  return inDialects(sql`split_part(${text}, ${separator}, 1)`, sql`substringIndex(${text}, ${separator}, 1)`);
}

/** Replaces every match of a regular expression; `\1` is the text of its group. */
export function replaceMatches(text: SQL, pattern: string, by: string): SQL {
  return inDialects(
    sql`regexp_replace(${text}, ${pattern}, ${by}, 'g')`,
    sql`replaceRegexpAll(${text}, ${pattern}, ${by})`,
  );
}

/** Whether a regular expression matches the whole text. */
export function matchesWhole(text: SQL, pattern: string): SQL {
  return inDialects(sql`regexp_full_match(${text}, ${pattern})`, sql`match(${text}, ${`^(?:${pattern})$`})`);
}

/** The quotient of whole numbers that are not negative, without its fraction. */
export function wholeQuotient(number: SQL, divisor: SQL): SQL {
  return inDialects(sql`(${number} // ${divisor})`, sql`intDiv(${number}, ${divisor})`);
}

/** Before the parentheses of a common table expression that is evaluated wherever it is read, as ClickHouse does. */
export const notMaterialized = inDialects(sql`not materialized`, sql``);

/** Microseconds since 1970. */
export function microsOf(time: SQL): SQL {
  return inDialects(sql`epoch_us(${time})`, sql`toUnixTimestamp64Micro(${time})`);
}

/** The text of a JSON string. */
export function textOfJsonString(json: SQL): SQL {
  return inDialects(sql`json_extract_string(${json}, '$')`, sql`JSONExtractString(${json})`);
}

/** Evaluates an expression once for a formula that repeats it. @param name of the value in the formula */
export function letBe(value: SQL, name = "member"): (formula: (value: SQL) => SQL) => SQL {
  const parameter = sql.identifier(name).getSQL();
  return (formula) =>
    inDialects(
      sql`(list_transform([${value}], lambda ${parameter} : ${formula(parameter)})[1])`,
      sql`(arrayMap(${parameter} -> ${formula(parameter)}, [${value}])[1])`,
    );
}

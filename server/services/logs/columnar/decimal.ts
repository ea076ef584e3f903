import { type SQL, sql } from "drizzle-orm";
import { contains, inDialects, lengthOf, startsWithText } from "@/server/columnar";

/** Comparisons of decimal numbers of any length, as PostgreSQL writes them: no other type of the engines is exact. */

/** Returns a number without zeros at the end of its fraction, the only form that numbers of the same value share. */
export function canonicalNumber(text: string): string {
  const shortest = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return shortest === "-0" ? "0" : shortest;
}

export function equalNumber(text: SQL, value: string): SQL {
  return sql`${canonical(text)} = ${canonicalNumber(value)}`;
}

export function comparedNumber(text: SQL, operator: ">" | ">=" | "<" | "<=", value: string): SQL {
  const number = canonicalNumber(value);
  const isNegative = startsWithText(text, "-");
  const [whole = "", fraction = ""] = number.replace("-", "").split(".");
  const size = sql`(${lengthOf(part(text, 1))}, ${part(text, 1)}, ${part(text, 2)})`;
  const bound = sql`(${whole.length}::bigint, ${whole}::varchar, ${fraction}::varchar)`;
  const compared = (sign: string) => sql`${size} ${sql.raw(sign)} ${bound}`;
  const isGreater = operator.startsWith(">");
  if (!number.startsWith("-")) return sql`case when ${isNegative} then ${!isGreater} else ${compared(operator)} end`;
  const reversed = operator.replace(/[<>]/, isGreater ? "<" : ">");
  return sql`case when ${isNegative} then ${compared(reversed)} else ${isGreater} end`;
}

/** The digits before or after the point, without the sign. */
function part(text: SQL, index: 1 | 2): SQL {
  const digits = sql`ltrim(${canonical(text)}, '-')`;
  const place = sql.raw(String(index));
  return inDialects(sql`split_part(${digits}, '.', ${place})`, sql`splitByChar('.', ${digits})[${place}]`);
}

function canonical(text: SQL): SQL {
  return sql`case when ${contains(text, ".")} then rtrim(rtrim(${text}, '0'), '.') else ${text} end`;
}

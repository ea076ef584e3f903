import { type SQL, sql } from "drizzle-orm";
import type { Column } from "@/server/catalog";
import { errorValue } from "@/server/catalog/errors";
import type { FieldTest } from "@/server/catalog/filter";
import { isJsonNumber } from "@/server/lib/json-number";
import { mayContainWords } from "@/server/services/segment-blocks";
import { type Condition, FilterProblem } from "./column-conditions";
import { columnarMemberCondition } from "./columnar/member-condition";
import { patternCondition } from "./text-condition";

/**
 * The condition on a member of a JSON column; a number in the path is also the index of an array. Objects and arrays
 * are compared as JSON text.
 * @throws FilterProblem for a comparison with a text
 */
export function memberCondition(column: Column, path: readonly string[], test: FieldTest): Condition {
  return {
    condition: memberTest(column, path, test),
    columnar: columnarMemberCondition(column, path, test),
    // The same number is written in several ways.
    ...(test.op === "match" && !isJsonNumber(test.pattern.join("")) && { blocks: mayContainWords(test.pattern) }),
  };
}

function memberTest(column: Column, path: readonly string[], test: FieldTest): SQL {
  const member = sql`(${sql.identifier(column.name)} #> ${arrayLiteral(path)}::text[])`;
  const text = memberText(column, path);
  switch (test.op) {
    case "null":
      return sql`${text} is null`;
    case "set":
      return sql`${text} is not null`;
    case "empty":
      return sql`${text} = ''`;
    case "match": {
      const [value = "", ...others] = test.pattern;
      if (others.length > 0) return patternCondition(text, test.pattern);
      if (!isJsonNumber(value)) return sql`${text} = ${value}`;
      // 1.0 and 1 are the same number. As a jsonb parameter the driver would send a JSON string.
      return sql`(${text} = ${value} or ${member} = ${value}::text::jsonb)`;
    }
    default:
      if (!isJsonNumber(test.value)) throw new FilterProblem(errorValue("input.filter_number", {}));
      return sql`
        case jsonb_typeof(${member})
          when 'number' then ${member}::numeric ${sql.raw(test.op)} ${test.value}::numeric
        end`;
  }
}

/** The value of a member as text; null if it is missing or null. */
export function memberText({ name }: Column, path: readonly string[]): SQL {
  return sql`(${sql.identifier(name)} #>> ${arrayLiteral(path)}::text[])`;
}

function arrayLiteral(keys: readonly string[]): string {
  return `{${keys.map((key) => `"${key.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}

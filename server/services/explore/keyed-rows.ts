import { type SQL, sql } from "drizzle-orm";
import { inDialects } from "@/server/columnar";
import { groupNames, type Question } from "./question";

/** A group as it is in a result, by the index of its fields. */
export type GroupKey = readonly (string | number | boolean | null)[];

/**
 * A SELECT of the rows of `source`, which have the columns of groups, with `k`: the place of their group among `keys`
 * from 0; null for other groups, and 0 if a question has no groups.
 */
export function keyedBy(question: Question, source: SQL, keys: readonly GroupKey[]): SQL {
  const names = groupNames(question);
  if (names.length === 0 || keys.length === 0)
    return sql`select ${names.length === 0 ? sql`0` : sql`null::integer`} as k, found.* from ${source} as found`;
  const values = sql.join(
    keys.map((key, index) => sql`(${sql.join([sql.raw(String(index)), ...keyValues(question, key)], sql`, `)})`),
    sql`, `,
  );
  const list = names.map((_, index) => sql.raw(`l${index}`));
  const isSame = names.map((name, index) => sql`found.${name} is not distinct from listed.${sql.raw(`l${index}`)}`);
  const structure = question.groups.map(
    ({ type }, index) => `, l${index} Nullable(${type === "number" ? "Int64" : "String"})`,
  );
  const listed = inDialects(
    sql`(values ${values}) as listed (k, ${sql.join(list, sql`, `)})`,
    sql`values(${sql.raw(`'k Int32${structure.join("")}'`)}, ${values}) as listed`,
  );
  return sql`
    select listed.k, found.*
    from ${source} as found left join ${listed} on ${sql.join(isSame, sql` and `)}`;
}

function keyValues({ groups }: Question, key: GroupKey): SQL[] {
  return key.map((value, index) =>
    groups[index]?.type === "number" ? sql`cast(${value} as bigint)` : sql`cast(${value} as varchar)`,
  );
}

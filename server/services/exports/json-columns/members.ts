import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import { filterTerms, writeField } from "@/server/catalog/filter";
import type { ColumnKind, ExportColumn } from "../columns";

/** A member of a JSON column: its keys, outermost first. */
export interface JsonMember {
  readonly column: string;
  readonly path: readonly string[];
}

/** Reads a member as it is written in filters: `details.amount`; undefined if it is no member of the table. */
export function readMember(table: LogTable, field: string): JsonMember | undefined {
  const [term, ...others] = filterTerms(`${field}:*`) ?? [];
  if (term?.kind !== "field" || term.test.op !== "set" || term.path.length === 0 || others.length > 0) return undefined;
  const column = table.columns.find(({ name, type }) => name === term.field && type === "jsonb");
  return column && { column: column.name, path: term.path };
}

/** The member as it is written in filters. */
export function fieldOf({ column, path }: JsonMember): string {
  return writeField({ field: column, path, test: { op: "set" } }).slice(0, -":*".length);
}

/** The value of a member as JSON. */
export function memberJson({ column, path }: JsonMember): SQL {
  return sql`(${sql.identifier(column)} #> ${pathOf(path)})`;
}

/** The value of a column: of a member, null where it has another type; as text, the JSON of other values. */
export function columnValue({ name, kind, member }: Pick<ExportColumn, "name" | "kind" | "member">): SQL {
  if (!member) return sql`${sql.identifier(name)}`;
  const text = sql`(${sql.identifier(member.column)} #>> ${pathOf(member.path)})`;
  switch (kind) {
    case "number":
      return sql`(${typed(member, kind)} then ${text}::numeric end)`;
    case "boolean":
      return sql`(${typed(member, kind)} then ${text}::boolean end)`;
    default:
      return text;
  }
}

/** `numeric` as a double: null above its range, and zero below. */
export function asDouble(value: SQL): SQL {
  return sql`case when abs(${value}) < 1e-300 then 0::float8 when abs(${value}) < 1e308 then (${value})::float8 end`;
}

function typed(member: JsonMember, kind: ColumnKind): SQL {
  return sql`case jsonb_typeof(${memberJson(member)}) when ${sql.raw(`'${kind}'`)}`;
}

function pathOf(path: readonly string[]): SQL {
  return sql`array[${sql.join(
    path.map((key) => sql`${key}`),
    sql`, `,
  )}]::text[]`;
}

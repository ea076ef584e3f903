import { type SQL, sql } from "drizzle-orm";
import type { Column, LogTable } from "@/server/catalog";
import { derivedField } from "@/server/catalog/derived-fields";
import { type FieldTerm, filterTerms, writeField } from "@/server/catalog/filter";
import { addressBytesName, beforeFirst, contains, isAddress, microsOf, startsWithText } from "@/server/columnar";
import { columnarMemberValue } from "@/server/services/logs";
import type { ExploreColumn, ExploreValue } from "./contract";
import type { Zone } from "./zone";

/** A field as an expression over the columns of the table. */
export interface ExploreField {
  readonly type: ExploreColumn["type"];
  /** The columns that the expression reads. */
  readonly columns: readonly string[];
  readonly value: (zone: Zone) => SQL;
  /** Converts a value of the expression for the answer. */
  readonly show?: (value: ExploreValue) => ExploreValue;
  /** A filter on a value of the field, by which it is checked whether the caller may read it. */
  readonly example?: string;
}

/** Numbers to be measured. */
export interface NumericField extends Omit<ExploreField, "type" | "show"> {
  /** `decimal`: the expression is the text of a number of any size. `time`: microseconds. */
  readonly kind: "integer" | "decimal" | "time";
}

/** Returns a field of group_by; undefined if the table has no such field. */
export function groupField(table: LogTable, written: string): ExploreField | undefined {
  const created = sql.identifier("created_at").getSQL();
  if (written === "hour_of_day")
    return { type: "number", columns: ["created_at"], value: (zone) => zone.hourOfDay(created) };
  if (written === "weekday") return { type: "number", columns: ["created_at"], value: (zone) => zone.weekday(created) };
  if (written === "ip_block") return blockField(table);
  const found = findField(table, written);
  if (!found) return undefined;
  const { term, column } = found;
  const name = sql.identifier(column.name).getSQL();
  const derived = derivedField(table, term.field);
  const sources = derived?.alsoReads ? [column.name, derived.alsoReads] : [column.name];
  const own = { columns: sources, example: exampleOf(term) };
  if (term.path.length > 0)
    return { ...own, type: "text", value: () => columnarMemberValue(column, term.path, "text") };
  if (derived) return { ...own, type: "text", value: () => sql`${sql.identifier(derived.name)}` };
  switch (column.type) {
    case "integer":
      return { ...own, type: "number", value: () => name };
    case "text":
      return { ...own, type: "text", value: () => name };
    case "inet":
      // Few addresses have a prefix length, and the search for one is faster than split_part.
      return {
        ...own,
        type: "text",
        value: () => sql`case when ${contains(name, "/")} then ${beforeFirst(name, "/")} else ${name} end`,
      };
    default:
      return undefined;
  }
}

/** Returns a field with numbers, or for min and max the time of rows; undefined if the table has none of this name. */
export function numericField(table: LogTable, written: string, isTimeToo: boolean): NumericField | undefined {
  if (written === "created_at")
    return isTimeToo ? { kind: "time", columns: ["created_at"], value: () => microsOf(sql`created_at`) } : undefined;
  const found = findField(table, written);
  if (!found || derivedField(table, found.term.field)) return undefined;
  const { term, column } = found;
  const own = { columns: [column.name], example: exampleOf(term) };
  if (term.path.length > 0)
    return { ...own, kind: "decimal", value: () => columnarMemberValue(column, term.path, "number") };
  return column.type === "integer"
    ? { ...own, kind: "integer", value: () => sql.identifier(column.name).getSQL() }
    : undefined;
}

function exampleOf(term: FieldTerm): string {
  return writeField({ ...term, test: { op: "match", pattern: ["x"] } });
}

function findField(table: LogTable, written: string): { term: FieldTerm; column: Column } | undefined {
  const [term, ...others] = filterTerms(`${written}:*`) ?? [];
  if (term?.kind !== "field" || term.test.op !== "set" || others.length > 0) return undefined;
  const source = derivedField(table, term.field)?.column ?? term.field;
  const column = table.columns.find(({ name }) => name === source);
  if (!column || (column.type === "jsonb") !== term.path.length > 0) return undefined;
  return { term, column };
}

/** The /24 of IPv4 addresses and the /64 of IPv6 addresses. */
function blockField(table: LogTable): ExploreField | undefined {
  const column = table.columns.find(isAddress);
  if (!column) return undefined;
  const bytes = sql`lower(hex(${sql.identifier(addressBytesName(column))}))`;
  return {
    type: "text",
    columns: [column.name],
    value: () => sql`case when ${startsWithText(bytes, "04")} then left(${bytes}, 8) else left(${bytes}, 18) end`,
    show: (value) => (typeof value === "string" ? blockOf(Buffer.from(value, "hex")) : value),
    example: `${column.name}:x`,
  };
}

/** @param bytes the version, and the first bytes of an address */
function blockOf(bytes: Buffer): string {
  const [version, ...rest] = bytes;
  if (version === 4) return `${rest.join(".")}.0/24`;
  const groups = [0, 2, 4, 6].map((index) => (((rest[index] ?? 0) << 8) | (rest[index + 1] ?? 0)).toString(16));
  while (groups.at(-1) === "0") groups.pop();
  return `${groups.join(":")}::/64`;
}

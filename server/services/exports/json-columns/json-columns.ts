import { type LogTable, logTables } from "@/server/catalog";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { ExportColumn } from "../columns";
import type { ExportParams, JsonColumn } from "../contract";
import type { MembersToFind } from "./find-members";
import { fieldOf, readMember } from "./members";

/** What an export of log rows requests; undefined if it has no columns of JSON members. */
export function membersToFind(params: Pick<ExportParams, "export_type" | "json_columns">): MembersToFind | undefined {
  const { export_type, json_columns } = params;
  if (json_columns === undefined || export_type === "statistics") return undefined;
  const table: LogTable = logTables[export_type];
  if (json_columns === "all") {
    return { columns: table.columns.filter(({ type }) => type === "jsonb").map(({ name }) => name) };
  }
  const read = json_columns.map(({ field, type }) => ({ member: readMember(table, field), type }));
  const fields = read.map(({ member }) => member && fieldOf(member));
  const errors = fields.flatMap((field, index) => {
    const path = `json_columns.${index}.field`;
    if (field === undefined) return [fieldError(path, "input.no_json_member", {})];
    return fields.indexOf(field) === index ? [] : [fieldError(path, "input.named_twice", {})];
  });
  if (errors.length > 0) throw invalidInput(errors);
  return { members: read.flatMap(({ member, type }) => (member ? [{ member, type }] : [])) };
}

/** The columns of JSON members among the columns of a file, for its manifest. */
export function describeJsonColumns(columns: readonly ExportColumn[]): JsonColumn[] {
  return columns.flatMap(({ name, kind, member }) =>
    member ? [{ name, field: fieldOf(member), type: kind === "number" || kind === "boolean" ? kind : "text" }] : [],
  );
}

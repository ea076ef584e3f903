import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { writeField } from "@/server/catalog/filter";
import type { Context } from "@/server/process/context";
import type { LogFilters, SuggestedMember } from "../contract";
import { readNewest } from "./newest-rows";

const NEWEST_ROWS = 500;
/** Larger documents are skipped: all together are in memory. */
const MAX_DOCUMENT_BYTES = 16_384;
const MAX_MEMBERS = 200;
const MAX_DEPTH = 6;
const MAX_EXAMPLE_LENGTH = 100;

/**
 * Suggests members of JSON columns, most frequent first, each with a value of a recent row: from the newest rows that
 * match the filters. Of arrays, the first element is suggested.
 * @throws AppError UNPROCESSABLE for an invalid filter
 */
export async function suggestMembers(
  ctx: Context,
  tableName: BrowsedTableName,
  query: LogFilters,
): Promise<{ members: SuggestedMember[] }> {
  const columns = browsedTables[tableName].columns.filter(({ type }) => type === "jsonb").map(({ name }) => name);
  if (columns.length === 0) return { members: [] };
  const values = columns.map((name) => {
    const column = sql.identifier(name);
    return sql`case when pg_column_size(${column}) <= ${MAX_DOCUMENT_BYTES} then ${column} end as ${column}`;
  });
  const rows = await readNewest<Record<string, unknown>>(ctx, tableName, query, {
    values: sql.join(values, sql`, `),
    limit: NEWEST_ROWS,
    read: (db, newest) => db.execute<Record<string, unknown>>(sql`select * from ${newest}`),
  });
  const found = new Map<string, { path: readonly string[]; field: string; example: string; rows: number }>();
  for (const row of rows) {
    for (const field of columns) {
      for (const [path, example] of membersOf(row[field], [])) {
        const key = JSON.stringify([field, path]);
        const known = found.get(key);
        if (known) known.rows++;
        else if (found.size < MAX_MEMBERS) found.set(key, { field, path, example, rows: 1 });
      }
    }
  }
  return {
    members: [...found.values()]
      .map(({ field, path, example, rows: count }) => ({
        // Without the value of the term.
        field: writeField({ field, path, test: { op: "set" } }).slice(0, -":*".length),
        example: example.length > MAX_EXAMPLE_LENGTH ? `${example.slice(0, MAX_EXAMPLE_LENGTH)}…` : example,
        share: count / rows.length,
      }))
      .sort((a, b) => b.share - a.share || (a.field < b.field ? -1 : 1)),
  };
}

/** The members of a document that are neither objects nor arrays, with their values as text. */
function* membersOf(value: unknown, path: readonly string[]): Generator<[path: readonly string[], value: string]> {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    if (path.length > 0) yield [path, String(value)];
    return;
  }
  if (path.length === MAX_DEPTH) return;
  const entries = Array.isArray(value) ? Object.entries(value.slice(0, 1)) : Object.entries(value);
  for (const [key, inner] of entries) yield* membersOf(inner, [...path, key]);
}

import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables } from "@/server/catalog";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { SuggestedValue, ValuesQuery } from "../contract";
import { suggestedField } from "./field-text";
import { readNewest } from "./newest-rows";

const MAX_VALUES = 20;
/** Longer values are not useful in a list. */
const MAX_VALUE_LENGTH = 200;
/** Read in primary key order, in some tens of milliseconds. */
const NEWEST_ROWS = 10_000;

type Share = { value: string | null; share: number };

/**
 * Suggests values of a field, most frequent first: from the newest rows that match the filters. Without filters, also
 * from PostgreSQL's statistics of the whole table.
 * @param request `search`: only values that contain it, in any case
 * @throws AppError UNPROCESSABLE for a field without such values, and for an invalid filter
 */
export async function suggestValues(
  ctx: Context,
  tableName: BrowsedTableName,
  request: ValuesQuery,
): Promise<{ values: SuggestedValue[] }> {
  const table = browsedTables[tableName];
  const field = suggestedField(table, request.column);
  if (!field) throw invalidInput([fieldError("column", "input.no_suggestions", {})]);
  const isFiltered =
    Object.keys(request.filters ?? {}).length > 0 || request.start_date !== undefined || request.end_date !== undefined;
  const known =
    isFiltered || !field.column
      ? []
      : await ctx.db.read.execute<Share>(sql`
          select value, share
          from pg_stats, unnest(most_common_vals::text::text[], most_common_freqs) as common (value, share)
          where schemaname = current_schema() and tablename = ${table.tableName} and attname = ${field.column.name}`);
  const newest = await readNewest<Share>(ctx, tableName, request, {
    values: sql`${field.text} as value`,
    limit: NEWEST_ROWS,
    read: (db, rows) =>
      db.execute<Share>(sql`
        select value, count(*)::float8 / sum(count(*)) over () as share
        from ${rows}
        group by value`),
  });
  const shares = new Map([...newest, ...known].map(({ value, share }) => [value, share]));
  const search = request.search?.toLowerCase() ?? "";
  return {
    values: [...shares]
      .flatMap(([value, share]) =>
        isSuggestable(value) && value.toLowerCase().includes(search) ? { value, share } : [],
      )
      .sort((a, b) => b.share - a.share || (a.value < b.value ? -1 : 1))
      .slice(0, MAX_VALUES),
  };
}

function isSuggestable(value: string | null): value is string {
  return value !== null && value !== "" && value.length <= MAX_VALUE_LENGTH;
}

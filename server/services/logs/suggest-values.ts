import { sql } from "drizzle-orm";
import { type BrowsedTableName, browsedTables, type Column } from "@/server/catalog";
import { fieldError, invalidInput } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import type { SuggestedValue, ValuesQuery } from "./contract";
import { isTimeout, readWithin } from "./limits";

const MAX_VALUES = 20;
/** Longer values are not useful in a list. */
const MAX_VALUE_LENGTH = 200;
/** Read in primary key order, in some tens of milliseconds. */
const NEWEST_ROWS = 10_000;
/** A later suggestion is no longer useful. */
const LIMIT_MS = 1_000;

type Share = { value: string; share: number };

/**
 * Suggests values of a filterable column, most frequent first: from PostgreSQL's statistics of the whole table, and
 * from the newest rows.
 * @param search only values that contain it, in any case
 * @throws AppError UNPROCESSABLE for a column without such values
 */
export async function suggestValues(
  ctx: Context,
  tableName: BrowsedTableName,
  request: ValuesQuery,
): Promise<{ values: SuggestedValue[] }> {
  const { tableName: inPostgres, columns } = browsedTables[tableName];
  const column = columns.find((candidate: Column) => candidate.name === request.column);
  if (!column?.filter || column.filter === "range") {
    throw invalidInput([fieldError("column", "input.no_suggestions", {})]);
  }
  const name = sql.identifier(column.name);
  const text = column.type === "inet" ? sql`host(${name})` : sql`${name}::text`;
  const known = await ctx.db.read.execute<Share>(sql`
    select value, share
    from pg_stats, unnest(most_common_vals::text::text[], most_common_freqs) as common (value, share)
    where schemaname = current_schema() and tablename = ${inPostgres} and attname = ${column.name}`);
  const newest = await readWithin(ctx, LIMIT_MS, (db) =>
    db.execute<Share>(sql`
      select value, count(*)::float8 / sum(count(*)) over () as share
      from (
        select ${text} as value
        from ${sql.identifier(inPostgres)}
        order by created_at desc, id desc
        limit ${NEWEST_ROWS}
      ) as newest
      group by value`),
  ).catch((error: unknown) => {
    if (!isTimeout(error)) throw error;
    return [];
  });
  const shares = new Map([...newest, ...known].map(({ value, share }) => [value, share]));
  const search = request.search?.toLowerCase() ?? "";
  return {
    values: [...shares]
      .filter(([value]) => isSuggestable(value) && value.toLowerCase().includes(search))
      .map(([value, share]) => ({ value, share }))
      .sort((a, b) => b.share - a.share || (a.value < b.value ? -1 : 1))
      .slice(0, MAX_VALUES),
  };
}

function isSuggestable(value: string | null): boolean {
  return value !== null && value !== "" && value.length <= MAX_VALUE_LENGTH;
}

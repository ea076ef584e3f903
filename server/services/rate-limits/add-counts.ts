import type { Context } from "@/server/process/context";

/**
 * Adds to the counts of all processes in one statement.
 * @returns the sums. Rows are deleted with those of sign-in attempts
 */
export async function addCounts(
  ctx: Context,
  counted: ReadonlyMap<string, number>,
): Promise<{ key: string; total: number }[]> {
  // One order everywhere, so that two processes cannot deadlock.
  const sorted = [...counted].sort(([a], [b]) => (a < b ? -1 : 1));
  return await ctx.db.sql<{ key: string; total: number }[]>`
    insert into rate_limit as counted (id, key, count, last_request)
    select gen_random_uuid()::text, key, own, ${ctx.now().getTime()}
    from unnest(${sorted.map(([key]) => key)}::text[], ${sorted.map(([, own]) => own)}::int[]) as sent (key, own)
    on conflict (key) do update set count = counted.count + excluded.count
    returning key, count as total`;
}

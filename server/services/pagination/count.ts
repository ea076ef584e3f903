import { type SQL, sql } from "drizzle-orm";
import type { LogTable } from "@/server/catalog";
import type { Context } from "@/server/context";

const EXACT_UP_TO = 50_000;
const EXACT_TIMEOUT_MS = 10_000;

/**
 * How many rows match: exact up to 50,000; above, the planner's estimate unless `exact` is asked for.
 * @throws AppError UNAVAILABLE (by toAppError) when an exact count takes longer than 10 seconds
 */
export async function countRows(
  ctx: Context,
  table: LogTable,
  where: SQL,
  mode: "estimate" | "exact",
): Promise<{ count: number; exact: boolean }> {
  const from = sql`from ${sql.identifier(table.tableName)} ${where}`;
  return await ctx.db.orm.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = ${sql.raw(String(EXACT_TIMEOUT_MS))}`);
    const counted =
      mode === "exact"
        ? await tx.execute<{ count: string }>(sql`select count(*) as count ${from}`)
        : await tx.execute<{ count: string }>(
            sql`select count(*) as count from (select 1 ${from} limit ${EXACT_UP_TO + 1}) as bounded`,
          );
    const count = Number(counted[0]?.count ?? 0);
    if (mode === "exact" || count <= EXACT_UP_TO) return { count, exact: true };
    const [plan] = await tx.execute<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
      sql`explain (format json) select 1 ${from}`,
    );
    return { count: Math.max(EXACT_UP_TO + 1, plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0), exact: false };
  });
}

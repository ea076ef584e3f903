import type { SqlExecutor } from "./client";

/**
 * PostgreSQL's time, which decides about data: a worker whose own clock is wrong removes and keeps the same rows as any
 * other. To the millisecond.
 */
export async function databaseNow(sql: SqlExecutor): Promise<Date> {
  const [row] = await sql<{ ms: number }[]>`select floor(extract(epoch from now()) * 1000)::float8 as ms`;
  if (!row) throw new Error("PostgreSQL returned no time.");
  return new Date(row.ms);
}

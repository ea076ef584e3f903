import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTableName } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import { executePrepared } from "@/server/db/prepared";
import { SQLSTATE } from "@/server/db/sqlstate";
import { AppError, causeCode, fieldError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";

/** `ctx` with the connections that read `table`, for whatever it reads with them or with plain SQL. */
export function readingOf(ctx: Context, table: BrowsedTableName): Context {
  const read = table === "audit_log" ? ctx.db.read : ctx.db.logReads[table];
  return { ...ctx, db: { ...ctx.db, read, sql: read.$client } };
}

/** Whether PostgreSQL stopped a statement at its time limit. */
export function isTimeout(error: unknown): boolean {
  return causeCode(error) === SQLSTATE.queryCanceled;
}

/** Reads at most READ_TIMEOUT_MS a statement. @throws AppError UNPROCESSABLE that says to narrow the query */
export async function read<T>(ctx: Context, work: (db: Orm) => Promise<T>): Promise<T> {
  try {
    return await work(ctx.db.read);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}

/** The rows of a statement that comes again and again, read as `read` does. */
export async function readRows(ctx: Context, statement: SQL): Promise<Record<string, unknown>[]> {
  return await read(ctx, () => executePrepared(ctx.db, statement));
}

/** Reads in one snapshot, planned for the values that are asked for, with a time limit of its own for each statement; what is stopped throws as isTimeout knows it. */
export async function readWithin<T>(ctx: Context, milliseconds: number, work: (db: Orm) => Promise<T>): Promise<T> {
  return await ctx.db.read.transaction(
    async (tx) => {
      await tx.execute(sql`
        select
          set_config('statement_timeout', ${String(milliseconds)}, true),
          set_config('plan_cache_mode', 'auto', true)`);
      return await work(tx);
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** A query that was stopped, as an error that tells what to do. */
export function tooSlow(cause: unknown): AppError {
  return new AppError(
    "query.timeout",
    {},
    {
      errors: [fieldError("start_date", "input.too_many_rows_searched", {})],
      cause,
    },
  );
}

import { type SQL, sql } from "drizzle-orm";
import type { BrowsedTable, BrowsedTableName } from "@/server/catalog";
import type { Orm } from "@/server/db/client";
import { executePrepared, type PreparedOptions } from "@/server/db/prepared";
import { SQLSTATE } from "@/server/db/sqlstate";
import { AppError, causeCode, fieldError } from "@/server/lib/errors";
import type { Context } from "@/server/process/context";
import { cancelledByCaller } from "./cancelled-by";

/** Returns `ctx` with the connections for reading `table`, including those for plain SQL. */
export function readingOf(ctx: Context, table: BrowsedTableName): Context {
  const read = table === "audit_log" ? ctx.db.read : ctx.db.logReads[table];
  return { ...ctx, db: { ...ctx.db, read, sql: read.$client } };
}

/** A read that was cancelled because of its timeout, not by PostgreSQL. */
export class ReadTimeout extends Error {
  readonly code = SQLSTATE.queryCanceled;
}

/** Whether a read was cancelled because of its timeout. */
export function isTimeout(error: unknown): boolean {
  return causeCode(error) === SQLSTATE.queryCanceled;
}

/**
 * Runs a read with a timeout of READ_TIMEOUT_MS per statement.
 * @throws AppError UNPROCESSABLE that recommends narrowing the query
 */
export async function read<T>(ctx: Context, work: (db: Orm) => Promise<T>): Promise<T> {
  try {
    return await work(ctx.db.read);
  } catch (error) {
    throw isTimeout(error) ? tooSlow(error) : error;
  }
}

/** Runs a frequently repeated statement, prepared unless it is ad hoc, with the limits of `read`. */
export async function readRows(
  ctx: Context,
  statement: SQL,
  options?: PreparedOptions,
): Promise<Record<string, unknown>[]> {
  return await read(ctx, () => executePrepared(ctx.db, statement, options));
}

/**
 * Runs a statement that may read many rows, with the limits of `read`. It is cancelled when the caller no longer waits.
 */
export async function readManyRows(
  ctx: Context,
  statement: SQL,
  options?: PreparedOptions,
): Promise<Record<string, unknown>[]> {
  if (!ctx.columnar.signal) return await readRows(ctx, statement, options);
  return await read(ctx, (db) =>
    db.transaction(async (tx) => await cancelledByCaller(ctx, tx, async () => [...(await tx.execute(statement))]), {
      accessMode: "read only",
    }),
  );
}

/**
 * Runs reads in one snapshot, planned for the actual values, with a timeout for each statement; on timeout it throws an
 * error for which isTimeout is true. They are cancelled when the caller no longer waits.
 * @param table cannot lose a partition between the snapshot and a read
 */
export async function readWithin<T>(
  ctx: Context,
  milliseconds: number,
  work: (db: Orm) => Promise<T>,
  table?: BrowsedTable,
): Promise<T> {
  ctx.columnar.signal?.throwIfAborted();
  return await ctx.db.read.transaction(
    async (tx) => {
      // Before the snapshot, which the next statement takes. DROP ignores snapshots.
      if (table) await tx.execute(sql`lock table only ${sql.identifier(table.tableName)} in access share mode`);
      await tx.execute(sql`
        select
          set_config('statement_timeout', ${String(milliseconds)}, true),
          set_config('plan_cache_mode', 'auto', true)`);
      return await cancelledByCaller(ctx, tx, () => work(tx));
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** Converts a timeout into an error with a recommendation. */
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

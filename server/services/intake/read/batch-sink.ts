import { type Column, type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { type IntakeResult, MAX_REPORTED_ERRORS, type PreparedBatch, type Row } from "../batch";
import { ExportedRow, exportedMessage } from "../events/exported-row";
import { storeRefused } from "../insert";
import { withImport } from "../queued-import";
import { storeBatch } from "../store/store-batch";

/** Where an intake's batches go. */
export type Sink = (
  batch: PreparedBatch,
) => Promise<Partial<IntakeResult> & { readonly queued?: number; readonly isUndone: boolean }>;

/** Straight into the table, a transaction a batch. */
export function directSink(ctx: Context): Sink {
  return (batch) => ctx.db.intake[batch.table].begin((tx) => storeBatch(ctx, tx, batch));
}

/**
 * Into the queue, what is refused into the dead letters at once. Where Redis does not take events, they and all
 * after them go straight into the table.
 */
export function queueSink(ctx: Context, table: LogTableName): Sink {
  const { columns } = logTables[table];
  const direct = directSink(ctx);
  let isQueueAway = false;

  return async (batch) => {
    if (isQueueAway) return await direct(batch);
    const undated = new Set(batch.undated);
    const { importId } = batch.origin;
    const payloads = batch.rows.map((row, index) => {
      const payload =
        batch.events[index]?.event instanceof ExportedRow
          ? exportedMessage(columns, row)
          : payloadOf(columns, row, undated.has(index));
      return importId === undefined ? payload : withImport(payload, importId);
    });
    try {
      if (payloads.length > 0) await ctx.queue.push(table, payloads);
    } catch (error) {
      // The queue in PostgreSQL is away only together with the table.
      if (ctx.queue.backend === "postgres") throw error;
      isQueueAway = true;
      ctx.log.warn({ err: error, queue: table }, "degraded: the queue takes no events; storing them directly");
      return await direct(batch);
    }
    const isUndone = await storeRefused(ctx, table, batch, payloads.length);
    return {
      isUndone,
      received: payloads.length + batch.dead.length,
      queued: payloads.length,
      rejected: batch.dead.length,
      errors: batch.dead.slice(0, MAX_REPORTED_ERRORS).map(({ line, error }) => ({ line, message: error })),
    };
  };
}

/**
 * The queue message of a row. One that came with an id but no time stays without: the worker gives it the time
 * of its first sight, so that it is recognised when it comes again.
 */
function payloadOf(columns: readonly Column[], row: Row, isUndated: boolean): string {
  const members = columns.flatMap(({ name, type }, index) => {
    const value = row[index];
    if (value === null || value === undefined || (isUndated && name === "created_at")) return [];
    return `${JSON.stringify(name)}:${type === "jsonb" || type === "integer" ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

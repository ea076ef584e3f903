import { type Column, type LogTableName, logTables } from "@/server/catalog";
import type { Context } from "@/server/process/context";
import { MAX_REPORTED_ERRORS, type PreparedBatch, type Row } from "../batch";
import type { IntakeResult } from "../contract";
import { ExportedRow, exportedMessage } from "../events/exported-row";
import { storeRefused } from "../insert";
import { markOwn } from "../queued/message";
import { storeBatch } from "../store/store-batch";

/** The destination of an intake's batches. */
export type Sink = (
  batch: PreparedBatch,
) => Promise<Partial<IntakeResult> & { readonly queued?: number; readonly isUndone: boolean }>;

/** Writes directly to the table, one transaction per batch. */
export function directSink(ctx: Context): Sink {
  return (batch) => ctx.db.intake[batch.table].begin((tx) => storeBatch(ctx, tx, batch));
}

/**
 * Writes to the queue, and rejected events to the dead letters. When Redis rejects writes, the remaining events are
 * written directly to the table.
 */
export function queueSink(ctx: Context, table: LogTableName): Sink {
  const { columns } = logTables[table];
  const direct = directSink(ctx);
  let isQueueUnavailable = false;

  return async (batch) => {
    if (isQueueUnavailable) return await direct(batch);
    const undated = new Set(batch.undated);
    const { importId } = batch.origin;
    const payloads = batch.rows.map((row, index) => {
      const payload =
        batch.events[index]?.event instanceof ExportedRow
          ? exportedMessage(columns, row)
          : payloadOf(columns, row, undated.has(index));
      return markOwn(payload, importId);
    });
    try {
      if (payloads.length > 0) await ctx.queue.push(table, payloads);
    } catch (error) {
      // The PostgreSQL queue is unavailable only together with the table.
      if (ctx.queue.backend === "postgres") throw error;
      isQueueUnavailable = true;
      ctx.log.warn({ err: error, queue: table }, "degraded: the queue is unavailable; storing events directly");
      return await direct(batch);
    }
    const isUndone = await storeRefused(ctx, table, batch, payloads.length);
    return {
      isUndone,
      received: payloads.length + batch.dead.length + batch.dropped.length,
      queued: payloads.length,
      rejected: batch.dead.length,
      dropped: batch.dropped.length,
      errors: batch.dead.slice(0, MAX_REPORTED_ERRORS).map(({ line, error }) => ({ line, error })),
    };
  };
}

/**
 * The queue message of a row. An event with an id but no time keeps no time: the worker assigns the time at which the
 * id was first stored, so that it is recognized as a duplicate.
 */
function payloadOf(columns: readonly Column[], row: Row, isUndated: boolean): string {
  const members = columns.flatMap(({ name, type }, index) => {
    const value = row[index];
    if (value === null || value === undefined || (isUndated && name === "created_at")) return [];
    return `${JSON.stringify(name)}:${type === "jsonb" || type === "integer" ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}`;
}

import type { LogTableName } from "@/server/catalog";
import type { Context, Principal } from "@/server/process/context";
import { examineQueued } from "@/server/services/intake";
import { maskError, maskEvent, maskFor } from "@/server/services/privacy";
import type { WaitingEvents } from "./contract";

/** Characters of an event. */
const MAX_TEXT = 2_000;

/**
 * Returns the next waiting events of a queue without taking them, and what becomes of them. Without their text for
 * principals with a mask.
 * @param mapping the expression of a mapping to try; null: none; default that of the queue
 * @throws AppError UNAVAILABLE while the queue store does not respond
 */
export async function peekQueue(
  ctx: Context,
  principal: Principal,
  queue: LogTableName,
  limit: number,
  mapping?: string | null,
): Promise<WaitingEvents> {
  const [waiting, mask] = await Promise.all([ctx.queue.peek(queue, limit), maskFor(ctx, principal)]);
  const examined = await examineQueued(
    ctx,
    queue,
    waiting.map(({ payload }) => payload),
    mapping,
  );
  const isMasked = mask.columns.size > 0;
  const items = examined.map(({ text, row, error, droppedBy }, index) => {
    const event = waiting[index];
    return {
      position: index + 1,
      size_bytes: isMasked ? null : (event?.bytes ?? null),
      waiting_seconds: event?.waitingSeconds ?? null,
      outcome: error ? ("dead_letter" as const) : droppedBy === undefined ? ("row" as const) : ("dropped" as const),
      error: error ? maskError(error, mask) : null,
      dropped_by: droppedBy ?? null,
      row: isMasked ? null : (row ?? null),
      payload: maskEvent(text.slice(0, MAX_TEXT).toWellFormed(), mask),
      payload_truncated: !isMasked && text.length > MAX_TEXT,
    };
  });
  return { queue, items };
}

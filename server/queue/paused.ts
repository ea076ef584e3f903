import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";

/** A SQL condition that is true if an administrator paused the queue. */
export function isPaused(tx: Transaction, queue: LogTableName) {
  return tx`exists (select from queue_states where queue_states.queue = ${queue} and paused)`;
}

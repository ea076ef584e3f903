import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";

/** The condition that an administrator has paused a queue. */
export function isPaused(tx: Transaction, queue: LogTableName) {
  return tx`exists (select from queue_states where queue_states.queue = ${queue} and paused)`;
}

import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";

/** Events taken together. A redelivery has the same id, time and payloads in the same order. */
export interface Claim {
  readonly id: string;
  /** ISO 8601 UTC; the time of events that bring none. */
  readonly claimedAt: string;
  /** JSON texts, one an event, oldest first, as the producer wrote them. */
  readonly payloads: readonly string[];
}

/** Stores a claim inside `tx`. What it throws undoes the transaction and hands the claim back. */
export type ClaimHandler = (claim: Claim, tx: Transaction) => Promise<void>;

export interface InFlightClaim {
  readonly claimId: string;
  readonly events: number;
}

export interface QueueDepth {
  /** Events waiting, without those in flight. */
  readonly length: number;
  /**
   * Claims taken by workers. One may already be stored, its acknowledgement on the way: who adds this to
   * the counters leaves out, in the counters' own snapshot, the ids in settled_claims and the ids that are
   * the number of a transaction (xid8) which that snapshot sees as ended.
   */
  readonly inFlight: readonly InFlightClaim[];
  /** Seconds that the event at the head has waited; null when nothing waits. */
  readonly oldestAgeSeconds: number | null;
}

/** The buffer between producers and workers. One conformance suite holds every adapter to this. */
export interface LogQueue {
  readonly backend: "redis" | "postgres";
  /** Appends events. Resolved means that they survive a crash of this process. */
  push(queue: LogTableName, payloads: readonly string[]): Promise<void>;
  /**
   * Takes up to `limits.events` events (and about `limits.bytes` of text, at least one event) and runs
   * `handler` in a PostgreSQL transaction of its own. Committed: the events are gone for good and are
   * never handled again. Not committed, or the process dies: they come back, same claim, in order.
   * @returns how many events were taken; 0 when nothing waits, or the queue is paused (setQueuePaused)
   * @throws what handler threw, after handing the claim back
   */
  consume(queue: LogTableName, limits: { events: number; bytes: number }, handler: ClaimHandler): Promise<number>;
  depth(queue: LogTableName): Promise<QueueDepth>;
  /** Whether the store of the queue answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

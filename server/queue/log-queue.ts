import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";

/** Events taken together. A redelivery has the same id, time and payloads in the same order. */
export interface Claim {
  readonly id: string;
  /** ISO 8601 UTC; the time of events that bring none. */
  readonly claimedAt: string;
  /** JSON texts, one an event, oldest first, as the producer wrote them; of one over MAX_PAYLOAD_BYTES its beginning. */
  readonly payloads: readonly string[];
  /** 1 at first; more where its events, or the death of its worker, made attempts before this one fail. No outage counts. */
  readonly attempt: number;
}

/** What a worker loads of one event. Anything longer is no event; its beginning shows what it was. */
export const MAX_PAYLOAD_BYTES = 1_048_576;

/** Stores a claim inside `tx`. What it throws undoes the transaction and hands the claim back. */
export type ClaimHandler = (claim: Claim, tx: Transaction) => Promise<void>;

export interface InFlightClaim {
  readonly claimId: string;
  readonly events: number;
  /** Since it was first taken. */
  readonly ageSeconds: number;
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
  /** Seconds that the event at the head has waited; null when nothing waits, or nobody looked before. */
  readonly oldestAgeSeconds: number | null;
  /** Why the store takes no events now, in its own words; null when it does. */
  readonly refusal: string | null;
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
  /** Milliseconds since 1970 by the clock of the queue's store; null where that is PostgreSQL. */
  storeTime(): Promise<number | null>;
  /**
   * Returns events that no consumer would get any more: who has them hangs, or what says who has them was lost.
   * @returns how many claims were found
   */
  recover(): Promise<number>;
  /** @returns why the store takes no events, with the remedy where it is known; null when it does @throws when it does not answer */
  ping(): Promise<string | null>;
  close(): Promise<void>;
}

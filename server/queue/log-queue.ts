import type { LogTableName } from "@/server/catalog";
import type { ErrorValue } from "@/server/catalog/errors";
import type { Transaction } from "@/server/db/client";

/** A group of events taken by one consumer. A redelivery has the same ID, time and payloads in the same order. */
export interface Claim {
  readonly id: string;
  /** ISO 8601 UTC. Used as the time of events that have none. */
  readonly claimedAt: string;
  /** JSON texts as written by the producer, one per event, oldest first; truncated to MAX_PAYLOAD_BYTES. */
  readonly payloads: readonly string[];
  /**
   * Starts at 1. Incremented when the events, a lost connection or the death of a worker made an attempt fail, but not
   * when PostgreSQL or Redis responded that they are unavailable.
   */
  readonly attempt: number;
}

/** Maximum size of an event. A larger event is invalid, and its dead letter contains the truncated text. */
export const MAX_PAYLOAD_BYTES = 1_048_576;

/** The length of a peeked event: more than an event may have. */
export const MAX_PEEK_BYTES = 263_000;

/** Stores a claim within `tx`. If it throws, the transaction is rolled back and the claim is redelivered. */
export type ClaimHandler = (claim: Claim, tx: Transaction) => Promise<void>;

export interface InFlightClaim {
  readonly claimId: string;
  readonly events: number;
  /** Since the first delivery. */
  readonly ageSeconds: number;
}

export interface QueueDepth {
  /** Waiting events, excluding those in flight. */
  readonly length: number;
  /**
   * Claims held by workers. One may be stored but not acknowledged yet. To add these to the counters, exclude, in the
   * counters' own snapshot, IDs in settled_claims and IDs that are transaction IDs (xid8) which that snapshot sees as
   * ended.
   */
  readonly inFlight: readonly InFlightClaim[];
  /** Age in seconds of the event at the head; null if the queue is empty or was never inspected before. */
  readonly oldestAgeSeconds: number | null;
  /** The store's own message if it currently rejects writes, otherwise null. */
  readonly refusal: string | null;
}

/** A waiting event. */
export interface PeekedEvent {
  /** Truncated to the requested length, in bytes or characters. */
  readonly payload: string;
  readonly bytes: number;
  /** Null if the store records no times. */
  readonly waitingSeconds: number | null;
}

/** The buffer between producers and workers. All adapters pass one conformance suite. */
export interface LogQueue {
  readonly backend: "redis" | "postgres";
  /** Appends events. Once the promise resolves, they survive a crash of this process. */
  push(queue: LogTableName, payloads: readonly string[]): Promise<void>;
  /**
   * Takes up to `limits.events` events (and about `limits.bytes` of text, but at least one event) and runs `handler` in
   * its own PostgreSQL transaction. After the commit, the events are removed and never delivered again. If the
   * transaction fails or the process dies, the same claim is redelivered in order.
   * @returns the number of events taken; 0 if the queue is empty or paused (setQueuePaused)
   * @throws the handler's error, after the claim is returned to the queue
   */
  consume(queue: LogTableName, limits: { events: number; bytes: number }, handler: ClaimHandler): Promise<number>;
  depth(queue: LogTableName): Promise<QueueDepth>;
  /**
   * Returns the next waiting events, oldest first, without taking them. Events that are claimed meanwhile may be among
   * them.
   */
  peek(queue: LogTableName, limit: number): Promise<PeekedEvent[]>;
  /** Returns the clock of the queue's store in milliseconds since 1970; null if the store is PostgreSQL. */
  storeTime(): Promise<number | null>;
  /**
   * Recovers events that no consumer would receive otherwise: their consumer is unresponsive, or the record of their
   * claim was lost.
   * @returns the number of claims recovered
   */
  recover(): Promise<number>;
  /** @returns why the store rejects writes, or null if it accepts them @throws if it does not respond */
  ping(): Promise<ErrorValue | null>;
  close(): Promise<void>;
}

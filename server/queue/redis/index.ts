import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { LOG_TABLE_NAMES, type LogTableName, logTableList, logTables } from "@/server/catalog";
import type { Database, Transaction } from "@/server/db/client";
import { SILENT_MS } from "@/server/db/silent-sessions";
import {
  type Claim,
  type InFlightClaim,
  type LogQueue,
  MAX_PAYLOAD_BYTES,
  MAX_PEEK_BYTES,
  type QueueDepth,
} from "../log-queue";
import { isConnectionLost, isOutage, isWrongType } from "../outage";
import { isPaused } from "../paused";
import { defineCommands } from "./commands";
import { connectRedis, type RedisClient } from "./connect";
import { replyError } from "./explain-error";
import { type QueueKeys, queueKeys } from "./keys";
import { claimIdsOf } from "./orphans";
import { endSilentRival, settle } from "./rivals";

/**
 * The claim of a dead worker is redelivered after this time. It affects only the delay, not correctness (rivals.ts).
 */
const LEASE_MS = 10_000;
/** Delay before a claim that another worker is still storing is checked again. */
const RIVAL_MS = 1_000;
/** Maximum number of such claims skipped in one call. */
const MAX_PASSED_OVER = 20;
/** Timeout for HTTP intake, which has a fallback. */
const INTAKE_TIMEOUT_MS = 2_000;
const WORK_TIMEOUT_MS = 10_000;
/** Arguments per LPUSH. */
const PUSH_CHUNK = 1_000;
const RETRY_MS = { first: 1_000, max: 60_000 };

/** Seconds since 1970, and microseconds. */
interface PostgresTime {
  readonly seconds: string;
  readonly microseconds: string;
}

interface Delivery {
  readonly claim: Claim;
  readonly isSettled: boolean;
}

/**
 * Creates the queue in Redis lists, filled by LPUSH; requires Redis 6.2. Events are claimed in Redis, stored in
 * PostgreSQL and acknowledged in Redis. settled_claims, written in the batch's transaction, identifies redeliveries of
 * stored claims. Durability depends on Redis keeping acknowledged writes: appendonly yes, maxmemory-policy noeviction.
 * With appendfsync everysec, a crash of Redis may lose its last second.
 */
export function createRedisQueue(options: {
  url: string;
  db: Database;
  log: Logger;
  leaseMs?: number;
  silentMs?: number;
}): LogQueue {
  const { url, db, log, leaseMs = LEASE_MS, silentMs = SILENT_MS } = options;
  const intake = connectRedis(url, { commandTimeout: INTAKE_TIMEOUT_MS, prepare: defineCommands });
  const work = connectRedis(url, { commandTimeout: WORK_TIMEOUT_MS, prepare: defineCommands });

  async function take(
    keys: QueueKeys,
    limits: { events: number; bytes: number },
    now: PostgresTime,
  ): Promise<Claim | null> {
    const { list, leases, claims, claimed, samples, claimPrefix } = keys;
    const reply = await work.run((client) =>
      client.logQueueClaim(
        list,
        leases,
        claims,
        claimed,
        samples,
        claimPrefix,
        randomUUID(),
        limits.events,
        limits.bytes,
        leaseMs,
        MAX_PAYLOAD_BYTES,
        RETRY_MS.max + leaseMs,
        now.seconds,
        now.microseconds,
      ),
    );
    if (!reply) return null;
    const [id, seconds, microseconds, deliveries, payloads] = reply;
    return { id, claimedAt: toIso(seconds, microseconds), payloads, attempt: Number(deliveries) };
  }

  /** Takes the next claim that no other consumer is storing. */
  async function takeFree(
    tx: Transaction,
    keys: QueueKeys,
    limits: { events: number; bytes: number },
    now: PostgresTime,
    onTaken: (claim: Claim | null) => void,
  ): Promise<Delivery | null> {
    for (let passed = 0; passed < MAX_PASSED_OVER; passed++) {
      const claim = await take(keys, limits, now);
      if (!claim) return null;
      onTaken(claim);
      const state = await settle(tx, claim.id);
      if (state !== "taken") return { claim, isSettled: state === "settled" };
      onTaken(null);
      await endSilentRival(tx, claim.id, silentMs);
      await updateClaim("pass over", (client) => client.logQueueLease(keys.leases, keys.claims, claim.id, RIVAL_MS, 1));
    }
    return null;
  }

  /**
   * Updates a claim that is finished or released. If Redis is unreachable, the end of the lease has the same effect.
   */
  async function updateClaim(what: string, command: (client: RedisClient) => Promise<unknown>): Promise<void> {
    await work.run(command).catch((error: unknown) => log.debug({ error }, `could not ${what} a claim`));
  }

  function renewLease(keys: QueueKeys, id: string): () => void {
    const renew = () =>
      void updateClaim("renew", (client) => client.logQueueLease(keys.leases, keys.claims, id, leaseMs, 0));
    const timer = setInterval(renew, leaseMs / 3);
    return () => clearInterval(timer);
  }

  async function depth(queue: LogTableName): Promise<QueueDepth> {
    const { list, claims, claimed, samples } = queueKeys(logTables[queue].redisList);
    const [length, ageMs, lines, refusal, nowMs] = await intake.run((client) =>
      client.logQueueStatus(list, claims, claimed, samples),
    );
    if (isReplicas(refusal)) intake.reconnect();
    return {
      length,
      inFlight: claimsOf(lines, nowMs),
      oldestAgeSeconds: ageMs < 0 ? null : ageMs / 1000,
      refusal: refusal || null,
    };
  }

  return {
    backend: "redis",
    push: async (queue, payloads) => {
      const { list } = queueKeys(logTables[queue].redisList);
      if (payloads.length === 0) return;
      await intake.run((client) => pushAll(client, list, payloads));
    },
    consume: async (queue, limits, handler) => {
      const keys = queueKeys(logTables[queue].redisList);
      const held: { claim: Claim | null } = { claim: null };
      let stopRenewing = () => {};
      let handling: Promise<void> = Promise.resolve();
      try {
        // Opens the transaction first, so that nothing is claimed while PostgreSQL is unavailable.
        await db.intake[queue].begin(async (tx) => {
          const handle = async () => {
            const { paused, ...now } = await readState(tx, queue);
            if (paused) {
              // Lists store no times, so the age of waiting events requires regular samples.
              await depth(queue);
              return;
            }
            const delivery = await takeFree(tx, keys, limits, now, (claim) => {
              held.claim = claim;
            });
            if (!delivery || delivery.isSettled) return;
            stopRenewing = renewLease(keys, delivery.claim.id);
            await handler(delivery.claim, tx);
          };
          handling = handle();
          await handling;
        });
      } catch (error) {
        // A lost connection ends the transaction while the handler is still running and may obtain a claim.
        await handling.catch(() => {});
        stopRenewing();
        if (held.claim) {
          const { id, attempt } = held.claim;
          const delay = isOutage(error) ? 0 : retryDelay(attempt);
          const isUncounted = isOutage(error) && !isConnectionLost(error) ? 1 : 0;
          await updateClaim("release", (client) =>
            client.logQueueLease(keys.leases, keys.claims, id, delay, isUncounted),
          );
        }
        throw error;
      }
      stopRenewing();
      if (!held.claim) return 0;
      const { id, payloads } = held.claim;
      await updateClaim("acknowledge", (client) =>
        client.logQueueAcknowledge(keys.leases, keys.claims, `${keys.claimPrefix}${id}`, id),
      );
      return payloads.length;
    },
    depth,
    peek: async (queue, limit) => {
      const { list } = queueKeys(logTables[queue].redisList);
      const reply = await intake.run((client) => client.logQueuePeek(list, limit, MAX_PEEK_BYTES));
      return Array.from({ length: reply.length / 2 }, (_, index) => ({
        bytes: Number(reply[index * 2]),
        payload: String(reply[index * 2 + 1]),
        waitingSeconds: null,
      }));
    },
    storeTime: async () => {
      const [seconds, microseconds] = await intake.run((client) => client.time());
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    },
    recover: async () => {
      let found = 0;
      for (const { redisList } of logTableList) {
        const keys = queueKeys(redisList);
        const ids = await work.run((client) => claimIdsOf(client, keys));
        found += await work.run((client) => client.logQueueRecover(keys.leases, keys.claims, keys.claimPrefix, ...ids));
      }
      return found;
    },
    ping: async () => {
      const depths = await Promise.all(LOG_TABLE_NAMES.map((name) => depth(name).catch(wrongTypeAsRefusal)));
      const refusal = depths.find((queueDepth) => queueDepth.refusal !== null)?.refusal ?? null;
      return refusal === null ? null : replyError(refusal);
    },
    close: async () => {
      await Promise.all([intake.close(), work.close()]);
    },
  };
}

/** Returns whether the queue is paused, and PostgreSQL's time. */
async function readState(tx: Transaction, queue: LogTableName): Promise<PostgresTime & { readonly paused: boolean }> {
  const [state] = await tx<(PostgresTime & { paused: boolean })[]>`
    select
      ${isPaused(tx, queue)} as paused,
      floor(extract(epoch from now()))::text as seconds,
      to_char(now(), 'US') as microseconds`;
  if (!state) throw new Error("PostgreSQL did not return its time.");
  return state;
}

function wrongTypeAsRefusal(error: unknown): Pick<QueueDepth, "refusal"> {
  if (isWrongType(error) && error instanceof Error) return { refusal: error.message };
  throw error;
}

/** The reply of a former master that is now a replica. Reconnecting finds the current master. */
function isReplicas(refusal: string): boolean {
  return refusal.includes("READONLY");
}

/**
 * Returns the delay in milliseconds before a failed claim is redelivered: none for the first two failures, then
 * growing.
 */
function retryDelay(attempt: number): number {
  return attempt < 3 ? 0 : Math.min(RETRY_MS.first * 2 ** (attempt - 3), RETRY_MS.max);
}

/** Pushes all events or none: in one LPUSH, or in a transaction of several. */
async function pushAll(client: RedisClient, list: string, payloads: readonly string[]): Promise<void> {
  if (payloads.length <= PUSH_CHUNK) {
    await client.lpush(list, ...payloads);
    return;
  }
  const transaction = client.multi();
  for (let start = 0; start < payloads.length; start += PUSH_CHUNK) {
    transaction.lpush(list, ...payloads.slice(start, start + PUSH_CHUNK));
  }
  const results = await transaction.exec();
  const failure = results?.find(([error]) => error)?.[0];
  if (failure || !results) throw failure ?? new Error("transaction discarded");
}

/** Parses a flat list of claim IDs and records (keys.ts), as returned by HGETALL. */
function claimsOf(flat: readonly string[], nowMs: number): InFlightClaim[] {
  return flat.flatMap((claimId, index) => {
    if (index % 2 !== 0) return [];
    const [, , , events = 0, started = nowMs] = (flat[index + 1] ?? "").split(" ").map((word) => Number(word) || 0);
    return [{ claimId, events, ageSeconds: Math.max(0, nowMs - started) / 1_000 }];
  });
}

function toIso(seconds: string, microseconds: string): string {
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${microseconds.padStart(6, "0")}Z`;
}

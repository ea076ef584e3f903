import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { type LogTableName, logTables } from "@/server/catalog";
import type { Database, Transaction } from "@/server/db/client";
import { databaseTrouble } from "@/server/errors";
import type { Claim, LogQueue, QueueDepth } from "../log-queue";
import { isPaused } from "../paused";
import { defineCommands } from "./commands";
import { connectRedis, type RedisClient } from "./connect";
import { type QueueKeys, queueKeys } from "./keys";

/**
 * A claim of a dead worker comes back after this long. Short, because nothing hangs on it but delay: a
 * rival that gets the claim of a living worker waits for that one's transaction and then skips it.
 */
const LEASE_MS = 10_000;
/** HTTP intake waits for these; it has another way. */
const INTAKE_TIMEOUT_MS = 2_000;
const WORK_TIMEOUT_MS = 15_000;
/** Arguments of one LPUSH. */
const PUSH_CHUNK = 1_000;

interface Delivery {
  readonly claim: Claim;
  /** How often it was given out, this time counted. */
  readonly count: number;
}

/**
 * The queue in Redis lists, fed by LPUSH, 6.2 or newer. Claim in Redis, store in PostgreSQL, acknowledge
 * in Redis; settled_claims, written in the batch's transaction, tells a redelivery of what is stored.
 * All of it stands as long as Redis keeps what it confirmed: appendonly yes, maxmemory-policy noeviction;
 * with appendfsync everysec a crash of Redis may undo its last second.
 */
export function createRedisQueue(options: { url: string; db: Database; log: Logger; leaseMs?: number }): LogQueue {
  const { url, db, log, leaseMs = LEASE_MS } = options;
  const intake = connectRedis(url, { commandTimeout: INTAKE_TIMEOUT_MS, prepare: defineCommands });
  const work = connectRedis(url, { commandTimeout: WORK_TIMEOUT_MS, prepare: defineCommands });

  async function take(keys: QueueKeys, limits: { events: number; bytes: number }): Promise<Delivery | null> {
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
      ),
    );
    if (!reply) return null;
    const [id, seconds, microseconds, deliveries, payloads] = reply;
    return { claim: { id, claimedAt: toIso(seconds, microseconds), payloads }, count: Number(deliveries) };
  }

  /** The claim is done or free: what Redis does not hear now, the end of the lease brings about. */
  async function tell(what: string, command: (client: RedisClient) => Promise<unknown>): Promise<void> {
    await work.run(command).catch((error: unknown) => log.debug({ error }, `could not ${what} a claim`));
  }

  function keepLease(keys: QueueKeys, id: string): () => void {
    const renew = () => void tell("renew", (client) => client.logQueueLease(keys.leases, id, leaseMs));
    const timer = setInterval(renew, leaseMs / 3);
    return () => clearInterval(timer);
  }

  async function depth(queue: LogTableName): Promise<QueueDepth> {
    const { list, claims, claimed, samples } = queueKeys(logTables[queue].redisList);
    const [length, ageMs, lines] = await intake.run((client) => client.logQueueStatus(list, claims, claimed, samples));
    return { length, inFlight: claimsOf(lines), oldestAgeSeconds: ageMs < 0 ? null : ageMs / 1000 };
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
      const taken: { delivery: Delivery | null } = { delivery: null };
      let stopRenewing = () => {};
      let handling: Promise<void> = Promise.resolve();
      try {
        // The transaction first: nothing is claimed while PostgreSQL is away.
        await db.intake[queue].begin(async (tx) => {
          const handle = async () => {
            if (await isPausedNow(tx, queue)) {
              // Lists hold no times: the age of what waits is known only while somebody looks.
              await depth(queue);
              return;
            }
            taken.delivery = await take(keys, limits);
            if (!taken.delivery) return;
            const { claim } = taken.delivery;
            stopRenewing = keepLease(keys, claim.id);
            if (await settle(tx, claim.id)) await handler(claim, tx);
          };
          handling = handle();
          await handling;
        });
      } catch (error) {
        // A lost connection ends the transaction while the handler still runs; it may yet get a claim.
        await handling.catch(() => {});
        stopRenewing();
        if (taken.delivery) {
          const { claim, count } = taken.delivery;
          // What ails the database is not the batch's fault.
          const delay = databaseTrouble(error) ? 0 : patience(count);
          await tell("release", (client) => client.logQueueLease(keys.leases, claim.id, delay));
        }
        throw error;
      }
      stopRenewing();
      if (!taken.delivery) return 0;
      const { claim } = taken.delivery;
      await tell("acknowledge", (client) =>
        client.logQueueAcknowledge(keys.leases, keys.claims, `${keys.claimPrefix}${claim.id}`, claim.id),
      );
      return claim.payloads.length;
    },
    depth,
    ping: async () => {
      await intake.run((client) => client.ping());
    },
    close: async () => {
      await Promise.all([intake.close(), work.close()]);
    },
  };
}

async function isPausedNow(tx: Transaction, queue: LogTableName): Promise<boolean> {
  const [state] = await tx<{ paused: boolean }[]>`select ${isPaused(tx, queue)} as paused`;
  return state?.paused === true;
}

/** @returns false when the claim is stored already. A rival in the middle of it is waited for. */
async function settle(tx: Transaction, claimId: string): Promise<boolean> {
  const { count } = await tx`insert into settled_claims (claim_id) values (${claimId}) on conflict do nothing`;
  return count > 0;
}

/** Milliseconds before a claim that failed is delivered again: at once twice, then others go first. */
function patience(deliveries: number): number {
  return deliveries < 3 ? 0 : Math.min(1000 * 2 ** (deliveries - 3), 60_000);
}

/** All of it or nothing, in one LPUSH or in a transaction of several. */
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

/** A flat list of claim ids and their lines, as HGETALL gives it. */
function claimsOf(flat: readonly string[]): { claimId: string; events: number }[] {
  return flat.flatMap((claimId, index) =>
    index % 2 === 0 ? [{ claimId, events: Number(flat[index + 1]?.split(" ")[3] ?? 0) }] : [],
  );
}

function toIso(seconds: string, microseconds: string): string {
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${microseconds.padStart(6, "0")}Z`;
}

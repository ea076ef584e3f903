import { inspect } from "node:util";
import type { LogTableName } from "@/server/catalog";
import type { Transaction } from "@/server/db/client";
import { makeLanes } from "@/server/lib/lanes";
import { instantOf } from "@/server/lib/time";
import type { Context } from "@/server/process/context";
import type { Claim } from "@/server/queue/log-queue";
import {
  type BatchOrigin,
  type DeadLetterDraft,
  type IncomingEvent,
  MAX_REPORTED_ERRORS,
  type PreparedBatch,
} from "./batch";
import type { IntakeResult } from "./contract";
import { draftOf, prepareBatch } from "./events/prepare";
import { makeIdentifier } from "./identity/identify";
import { reusePlainIds } from "./identity/plain-ids";
import { plainEvent } from "./identity/plain-row";
import { currentQueueMapping } from "./queued/current-mapping";
import { type QueueOrigins, queueOrigins, readQueued } from "./queued/read-queued";
import { currentRules } from "./rules/current-rules";
import { NO_RULES } from "./rules/rule-set";
import { countIntake } from "./store/counters";
import { writeDeadLetters } from "./store/dead-letter-store";
import { removeUndoneLetters } from "./store/import-rows";
import { isolateCulprits } from "./store/isolate-claim";
import { storeBatch } from "./store/store-batch";

/** Batches of one call that are stored concurrently, each on its own connection (measured in docs/decisions/0003). */
const PARALLEL_BATCHES = 2;

/**
 * Stores access logs, in transactions of up to `maxBatchSize` events. Events have the format of the contract's queue
 * messages. An invalid event becomes a dead letter without affecting others. An event without an id gets one derived
 * from its content, so that repeated calls are idempotent as long as the events have times.
 * @throws AppError UNAVAILABLE or a database error; batches stored before it remain
 */
export function insertAccessLogs(ctx: Context, events: readonly unknown[]): Promise<IntakeResult> {
  return insertAll(ctx, "access_logs", events);
}

/** Stores user activities; see insertAccessLogs. */
export function insertUserActivities(ctx: Context, events: readonly unknown[]): Promise<IntakeResult> {
  return insertAll(ctx, "user_activities", events);
}

async function insertAll(ctx: Context, table: LogTableName, events: readonly unknown[]): Promise<IntakeResult> {
  const shared = { receivedAt: instantOf(ctx.now()), source: "api", format: "json" } as const;
  const identifier = await makeIdentifier(ctx, { format: shared.format });
  const size = ctx.config.maxBatchSize;
  const results: IntakeResult[] = [];
  const lanes = makeLanes(PARALLEL_BATCHES);
  for (let first = 0; first < events.length; first += size) {
    await lanes.start(async () => {
      const plainIds = new Map<string, string>();
      const incoming = events.slice(first, first + size).map((event, index): IncomingEvent => {
        const raw = () => textOf(event);
        return { event, raw, fallbackId: () => identifier.idOf(raw(), event, plainIds), line: first + index + 1 };
      });
      const rules = await currentRules(ctx, table);
      results[first / size] = await insertEvents(ctx, table, incoming, { ...shared, plainIds, rules });
    });
  }
  await lanes.settle();
  return sumResults(results);
}

/** Serializes an event; one that JSON cannot represent (circular, thousands of levels) is formatted by Node.js. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event) ?? String(event);
  } catch {
    return inspect(event, { depth: 20, maxArrayLength: 1_000 });
  }
}

/** Stores one batch directly, in one transaction. */
async function insertEvents(
  ctx: Context,
  table: LogTableName,
  events: readonly IncomingEvent[],
  origin: BatchOrigin,
): Promise<IntakeResult> {
  const batch = await reusePlainIds(ctx, await prepareBatch(ctx, table, events, origin));
  return await ctx.db.intake[table].begin((tx) => storeBatch(ctx, tx, batch));
}

/**
 * Counts the events queued for an import and those that rules dropped, and stores events that were rejected before
 * queueing, which count as received and dead.
 * @returns whether the import has been undone, in which case none of them remains
 */
export async function storeRefused(
  ctx: Context,
  table: LogTableName,
  { dead, dropped: droppedEvents, origin }: Pick<PreparedBatch, "dead" | "dropped" | "origin">,
  queued: number,
): Promise<boolean> {
  const { importId } = origin;
  const dropped = droppedEvents.length;
  if (dead.length + dropped === 0 && importId === undefined) return false;
  return await ctx.db.intake[table].begin(async (tx) => {
    await writeDeadLetters(tx, table, dead);
    const counts = { received: dead.length + dropped, inserted: 0, duplicates: 0, dead: dead.length, dropped };
    const imported = importId === undefined ? [] : [{ importId, queued, rejected: dead.length, dropped }];
    const undone = await countIntake(tx, table, counts, [], imported);
    if (undone.length > 0) await removeUndoneLetters(tx, dead, undone);
    return undone.length > 0;
  });
}

/** A claim with this many failures is stored in parts: a failing event must not block the queue. */
const ISOLATE_FROM_ATTEMPT = 3;

/** Stores the events of a claim, inside the claim's transaction. */
export async function storeClaim(ctx: Context, table: LogTableName, claim: Claim, tx: Transaction): Promise<void> {
  const { attempt, payloads } = claim;
  const [rules, mapping] = await Promise.all([currentRules(ctx, table), currentQueueMapping(ctx, table)]);
  const origins = queueOrigins(table, { receivedAt: claim.claimedAt, rules }, mapping.expression);
  if (attempt < ISOLATE_FROM_ATTEMPT) return await storePart(ctx, table, claim, tx, origins, 0, payloads.length);
  const culprits = await isolateCulprits({
    tx,
    // Not the claim's own pool, of which all connections may be waiting for a trial.
    pool: ctx.db.sql,
    claim,
    store: (part, from, to) => storePart(ctx, table, claim, part, origins, from, to),
    storeOther: async (trial) => {
      const event = { event: plainEvent(table), raw: "", fallbackId: claim.id };
      await storeBatch(ctx, trial, await prepareBatch(ctx, table, [event], { ...origins.own, rules: NO_RULES }));
    },
  });
  if (culprits.size === 0) return;
  ctx.log.error(
    { queue: table, claim: claim.id, culprits: [...culprits].slice(0, 10) },
    "events that make their batch fail",
  );
  const dead = [...culprits].map(([position, reason]) => {
    const { origin, ...event } = readQueued(table, payloads[position] ?? "", origins);
    return draftOf(table, event, origin, claimEventId(claim.id, position), reason);
  });
  await storeBatch(ctx, tx, { ...(await prepareBatch(ctx, table, [], origins.own)), dead });
}

async function storePart(
  ctx: Context,
  table: LogTableName,
  claim: Claim,
  tx: Transaction,
  origins: QueueOrigins,
  from: number,
  to: number,
): Promise<void> {
  const parts = new Map<BatchOrigin, { events: IncomingEvent[]; dead: DeadLetterDraft[] }>();
  for (const [offset, payload] of claim.payloads.slice(from, to).entries()) {
    const { raw, importId, origin, parsed } = readQueued(table, payload, origins);
    const part = parts.get(origin) ?? { events: [], dead: [] };
    parts.set(origin, part);
    const fallbackId = claimEventId(claim.id, from + offset);
    if ("event" in parsed) part.events.push({ event: parsed.event, raw, fallbackId, importId });
    else part.dead.push(draftOf(table, { raw, importId }, origin, fallbackId, parsed.error));
  }
  for (const [origin, { events, dead }] of parts) {
    const batch = await prepareBatch(ctx, table, events, origin);
    await storeBatch(ctx, tx, { ...batch, dead: [...batch.dead, ...dead] });
  }
}

/** A redelivered claim has the same id and order, so its events get the same ids again. */
function claimEventId(claimId: string, position: number): string {
  const tail = (Number.parseInt(claimId.slice(28), 16) + position) % 2 ** 32;
  return claimId.slice(0, 28) + tail.toString(16).padStart(8, "0");
}

function sumResults(results: readonly IntakeResult[]): IntakeResult {
  return {
    received: results.reduce((sum, result) => sum + result.received, 0),
    inserted: results.reduce((sum, result) => sum + result.inserted, 0),
    duplicates: results.reduce((sum, result) => sum + result.duplicates, 0),
    rejected: results.reduce((sum, result) => sum + result.rejected, 0),
    dropped: results.reduce((sum, result) => sum + result.dropped, 0),
    errors: results.flatMap((result) => result.errors).slice(0, MAX_REPORTED_ERRORS),
  };
}

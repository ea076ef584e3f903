import { logTableList } from "@/server/catalog";
import { clockDifference, MAX_CLOCK_DIFFERENCE_MS } from "@/server/db/clock";
import { listPartitions, monthsAhead } from "@/server/db/partitions";
import { isQueueUnavailable } from "@/server/lib/errors";
import { answerWithin } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import { aliveWorkers } from "@/server/services/queues";
import { checkDatabase, READ_ONLY, troubleAdvice } from "./check-database";
import { clockReadings } from "./clocks";
import { diskUse } from "./disk-use";

/** Timeout of a component's check, in milliseconds. A component that exceeds it is unreachable. */
const CHECK_TIMEOUT_MS = 3000;
const noAnswer = () => new Error("no answer in time");
/** How long to wait for stored settings before the configured ones are used. */
const SETTINGS_TIMEOUT_MS = 1000;

const PARTS = ["database", "queue", "worker", "disk", "cache", "schedules", "partitions", "archives", "clock"] as const;

type HealthPart = (typeof PARTS)[number];

interface PartHealth {
  readonly state: "ok" | "degraded" | "down";
  readonly latency_ms: number;
  /** Recommended action; null when ok. */
  readonly advice: string | null;
}

interface Health {
  /** `ready`: requests can be served. `not_ready`: PostgreSQL is unavailable. `read_only`: it rejects writes. */
  readonly status: "ready" | "read_only" | "not_ready";
  readonly parts: Readonly<Record<HealthPart, PartHealth>>;
}

/** Checks all components in parallel. Never throws, and takes at most about three seconds. */
export async function checkHealth(ctx: Context): Promise<Health> {
  const unreachableAdvice = (what: string) => `${what} is in PostgreSQL, which does not answer.`;
  const checks: Record<HealthPart, readonly [() => Promise<string | null>, string]> = {
    database: [
      () => checkDatabase(ctx),
      "PostgreSQL does not answer. Check that it runs and DATABASE_URL; it is found again by itself.",
    ],
    queue: [
      () => checkQueue(ctx),
      ctx.queue.backend === "redis"
        ? "Redis does not answer. Check that it runs and REDIS_URL; HTTP intake writes straight to PostgreSQL meanwhile."
        : unreachableAdvice("The queue"),
    ],
    worker: [() => checkWorkers(ctx), unreachableAdvice("The record of the workers")],
    disk: [() => checkDisk(ctx), "The disk of DATA_DIR cannot be looked at. Check that the folder exists."],
    cache: [() => checkCache(ctx), "The cache does not answer."],
    schedules: [() => checkSchedules(ctx), unreachableAdvice("The schedule")],
    partitions: [() => checkPartitions(ctx), unreachableAdvice("The list of partitions")],
    archives: [() => checkArchives(ctx), unreachableAdvice("The list of archives")],
    clock: [() => checkClock(ctx), "PostgreSQL, whose clock all others are compared with, does not answer."],
  };
  const states = await Promise.all(PARTS.map((part) => timed(...checks[part])));
  const parts = Object.fromEntries(PARTS.map((part, index) => [part, states[index]])) as Health["parts"];
  if (parts.database.state === "down") return { status: "not_ready", parts };
  return { status: parts.database.advice === READ_ONLY ? "read_only" : "ready", parts };
}

/** Runs a check: a returned text is advice on a degraded component, an exception means that it is down. */
async function timed(check: () => Promise<string | null>, adviceWhenDown: string): Promise<PartHealth> {
  const startedAt = performance.now();
  const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const advice = await answerWithin(check(), CHECK_TIMEOUT_MS, noAnswer);
    return { state: advice === null ? "ok" : "degraded", latency_ms: latency(), advice };
  } catch (error) {
    return { state: "down", latency_ms: latency(), advice: causeOf(error) ?? adviceWhenDown };
  }
}

/** Advice for a known cause. For an unreachable Redis the general advice applies. */
function causeOf(error: unknown): string | undefined {
  if (isQueueUnavailable(error)) return error.code.startsWith("queue.unreachable") ? undefined : error.message;
  return troubleAdvice(error);
}

async function checkQueue(ctx: Context): Promise<string | null> {
  const refusal = await ctx.queue.ping();
  if (refusal === null) return null;
  return `${refusal} HTTP intake writes straight to PostgreSQL meanwhile; other producers cannot add any.`;
}

async function checkWorkers(ctx: Context): Promise<string | null> {
  const alive = await aliveWorkers(ctx.db.health);
  return alive.length > 0 ? null : "No worker is alive, so queued events wait. Start one with `npm run worker`.";
}

async function checkDisk(ctx: Context): Promise<string | null> {
  const [{ used }, limit] = await Promise.all([diskUse(ctx), diskLimit(ctx)]);
  if (used <= limit) return null;
  return `The disk of DATA_DIR is ${Math.round(used * 100)}% full. Free space, or shorten the retention.`;
}

/** The threshold of the alert rule. An unavailable PostgreSQL is reported by its own check, not here. */
async function diskLimit(ctx: Context): Promise<number> {
  const configured = ctx.config.alerts.diskUsage;
  try {
    const changed = ctx.db.health<{ threshold: number | null }[]>`
      select threshold from alert_rules where rule = 'disk_usage'`;
    const [rule] = await answerWithin(changed, SETTINGS_TIMEOUT_MS, noAnswer);
    return rule?.threshold ?? configured;
  } catch {
    return configured;
  }
}

async function checkCache(ctx: Context): Promise<string | null> {
  if (!ctx.config.redisUrl) return null;
  await ctx.cache.set("health", "ok", 5);
  if ((await ctx.cache.get("health")) === "ok") return null;
  return "The cache in Redis does not answer; pages read the tables each time, which is slower.";
}

/**
 * The partitions for rows of the next days. A missing one is created when its first row arrives, which delays that row.
 */
async function checkPartitions(ctx: Context): Promise<string | null> {
  const next = monthsAhead(ctx.now())[2] ?? "";
  for (const { tableName } of logTableList) {
    const months = (await listPartitions(ctx.db.health, tableName)).map(({ month }) => month);
    if (!months.includes(next))
      return `${tableName} has no partition for ${next} yet. Run the task partition_maintenance.`;
  }
  return null;
}

async function checkSchedules(ctx: Context): Promise<string | null> {
  const late = await ctx.db.health<{ name: string }[]>`
    select name from scheduled_tasks
    where enabled and next_run_at < now() - interval '5 minutes'`;
  if (late.length === 0) return null;
  return `Overdue: ${late.map(({ name }) => name).join(", ")}. A worker begins them; check that one runs.`;
}

async function checkArchives(ctx: Context): Promise<string | null> {
  const [found] = await ctx.db.health<{ damaged: number }[]>`
    select count(*)::int as damaged from archives where problem is not null and state <> 'expired'`;
  const damaged = found?.damaged ?? 0;
  return damaged === 0 ? null : `${damaged} archive files are damaged or missing. The archives page lists them.`;
}

/** This process's current clock offset, and those reported by all processes and for Redis. */
async function checkClock(ctx: Context): Promise<string | null> {
  const [own, readings] = await Promise.all([clockDifference(ctx.db.health), clockReadings(ctx)]);
  const wrong = readings.filter(({ seconds }) => seconds * 1_000 > MAX_CLOCK_DIFFERENCE_MS);
  const subjects = wrong.map(({ subject, seconds }) => `${subject} by ${Math.round(seconds)} s`);
  if (Math.abs(own) > MAX_CLOCK_DIFFERENCE_MS)
    subjects.unshift(`this process by ${Math.round(Math.abs(own) / 1_000)} s`);
  if (subjects.length === 0) return null;
  return `Clocks differ from PostgreSQL's: ${subjects.join(", ")}. Synchronize them; such a worker runs no cleanup.`;
}

import { logTableList } from "@/server/catalog";
import { type ErrorValue, errorValue } from "@/server/catalog/errors";
import { isAuditProtected } from "@/server/db/audit-protection";
import { clockDifference, MAX_CLOCK_DIFFERENCE_MS } from "@/server/db/clock";
import { pendingSteps } from "@/server/db/migrations/pending-steps";
import { listPartitions, monthsAhead } from "@/server/db/partitions";
import { AppError, databaseFailureOf, isQueueUnavailable, toErrorValue } from "@/server/lib/errors";
import { shareReading } from "@/server/lib/share-reading";
import { withTimeout } from "@/server/lib/within";
import type { Context } from "@/server/process/context";
import { disksInUse, fileStoreFailure } from "@/server/services/files";
import { aliveWorkers } from "@/server/services/queues";
import { checkDatabase, databaseAdvice } from "./check-database";
import { clockReadings, processName } from "./clocks";
import type { Health, PartHealth } from "./contract";
import { diskLimit, diskUse } from "./disk-use";
import { segmentLag } from "./segment-lag";

/** Timeout of a component's check, in milliseconds. A component that exceeds it is unreachable. */
const CHECK_TIMEOUT_MS = 3000;
/** For how long public requests share a check, in milliseconds. */
const SHARED_MS = 1000;
const DISKS_TIMEOUT_MS = 1000;
const noAnswer = () => new Error("no answer in time");

/** Returns advice on a degraded component; throws when it is down. */
type Check = (ctx: Context) => Promise<ErrorValue | null>;

/** Segments of an hour are written within minutes, or up to two hours while many rows are inserted. */
const SEGMENTS_LATE_S = 6 * 3_600;

const NEEDS_DATABASE = errorValue("health.needs_database", {});
const GEOLOCATION_UNREADABLE = errorValue("health.geolocation_unreadable", {
  file: "ip2region_v4.xdb",
  reason: "timeout",
});
/** Advice if its check takes too long. */
const EXPLORE_SLOW = errorValue("columnar.unavailable", {});
const CACHE_UNAVAILABLE = errorValue("health.cache_unavailable", {});

/** Checks all components in parallel. Never throws, and takes at most about three seconds. */
export async function checkHealth(ctx: Context): Promise<Health> {
  const queueDown = ctx.queue.backend === "redis" ? errorValue("health.redis_unreachable", {}) : NEEDS_DATABASE;
  const [
    database,
    queue,
    worker,
    disk,
    files,
    cache,
    schedules,
    partitions,
    archives,
    segments,
    explore,
    geolocation,
    clock,
    upgrade,
  ] = await Promise.all([
    run(ctx, checkDatabaseAndAudit, errorValue("health.database_unreachable", {})),
    run(ctx, checkQueue, queueDown),
    run(ctx, checkWorkers, NEEDS_DATABASE),
    run(ctx, checkDisk, errorValue("health.disk_unknown", {})),
    run(ctx, checkFiles, errorValue("health.disk_unknown", {})),
    run(ctx, checkCache, CACHE_UNAVAILABLE),
    run(ctx, checkSchedules, NEEDS_DATABASE),
    run(ctx, checkPartitions, NEEDS_DATABASE),
    run(ctx, checkArchives, NEEDS_DATABASE),
    run(ctx, checkSegments, NEEDS_DATABASE),
    run(ctx, checkExplore, EXPLORE_SLOW),
    run(ctx, checkGeolocation, GEOLOCATION_UNREADABLE),
    run(ctx, checkClock, NEEDS_DATABASE),
    run(ctx, checkUpgrade, NEEDS_DATABASE),
  ]);
  const parts = {
    database,
    queue,
    worker,
    disk,
    files,
    cache,
    schedules,
    partitions,
    archives,
    segments,
    explore,
    geolocation,
    clock,
    upgrade,
  };
  if (database.state === "down") return { status: "not_ready", parts };
  return { status: database.advice?.code === "health.database_read_only" ? "read_only" : "ready", parts };
}

/**
 * The health for requests that anyone can send: at most one check a second, so that many requests cannot exhaust the
 * connections of health checks.
 */
export function sharedHealth(ctx: Context): Promise<Health> {
  return shareReading(ctx, "health", () => checkHealth(ctx), { freshMs: SHARED_MS });
}

/**
 * Returns whether PostgreSQL responds, at most a second ago. A web process serves pages also while PostgreSQL is
 * read-only, full or overloaded, which affects all web processes alike. Never throws.
 */
export function isReady(ctx: Context): Promise<boolean> {
  return shareReading(ctx, "ready", () => responds(ctx), { freshMs: SHARED_MS });
}

async function responds(ctx: Context): Promise<boolean> {
  try {
    await withTimeout(ctx.db.health`select`, CHECK_TIMEOUT_MS, noAnswer);
    return true;
  } catch (error) {
    const failure = databaseFailureOf(error);
    return failure !== undefined && failure !== "unreachable";
  }
}

async function run(ctx: Context, check: Check, adviceWhenDown: ErrorValue): Promise<PartHealth> {
  const startedAt = performance.now();
  const latency = () => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const advice = await withTimeout(check(ctx), CHECK_TIMEOUT_MS, noAnswer);
    return { state: advice === null ? "ok" : "degraded", latency_ms: latency(), advice };
  } catch (error) {
    return { state: "down", latency_ms: latency(), advice: causeOf(error) ?? adviceWhenDown };
  }
}

/** Advice for a known cause. For an unreachable Redis the general advice applies. */
function causeOf(error: unknown): ErrorValue | undefined {
  if (error instanceof AppError && error.code.startsWith("health.")) return toErrorValue(error);
  if (!isQueueUnavailable(error)) return databaseAdvice(error);
  return error.code.startsWith("queue.unreachable") ? undefined : toErrorValue(error);
}

/** Apart from checkDatabase, because requests are served without the protection. */
async function checkDatabaseAndAudit(ctx: Context): Promise<ErrorValue | null> {
  const advice = await checkDatabase(ctx);
  if (advice !== null) return advice;
  return (await isAuditProtected(ctx.db.health)) ? null : errorValue("health.audit_unprotected", {});
}

async function checkQueue(ctx: Context): Promise<ErrorValue | null> {
  const reason = await ctx.queue.ping();
  return reason && errorValue("health.redis_refuses_writes", { reason });
}

async function checkWorkers(ctx: Context): Promise<ErrorValue | null> {
  const alive = await aliveWorkers(ctx.db.health);
  return alive.length > 0 ? null : errorValue("health.no_worker", {});
}

async function checkDisk(ctx: Context): Promise<ErrorValue | null> {
  const [{ used }, limit] = await Promise.all([diskUse(ctx), diskLimit(ctx)]);
  if (used > limit) return errorValue("health.disk_full", { percent: Math.round(used * 100) });
  const disks = await withTimeout(disksInUse(ctx.db.health), DISKS_TIMEOUT_MS, noAnswer).catch(() => []);
  return disks.length > 1 ? errorValue("health.several_disks", { locations: disks.join(", ") }) : null;
}

/** @throws the reason why the store is unavailable */
async function checkFiles(ctx: Context): Promise<null> {
  const failure = await fileStoreFailure(ctx);
  if (failure === null) return null;
  const { location } = ctx.files.current;
  throw new AppError("health.files_unavailable", { location, reason: toErrorValue(failure) });
}

async function checkCache(ctx: Context): Promise<ErrorValue | null> {
  if (!ctx.config.redisUrl) return null;
  await ctx.cache.set("health", "ok", 5);
  return (await ctx.cache.get("health")) === "ok" ? null : CACHE_UNAVAILABLE;
}

/**
 * The partitions for rows of the next days. A missing one is created when its first row arrives, which delays that row.
 */
async function checkPartitions(ctx: Context): Promise<ErrorValue | null> {
  const next = monthsAhead(ctx.now())[2] ?? "";
  for (const { name, tableName } of logTableList) {
    const months = (await listPartitions(ctx.db.health, tableName)).map(({ month }) => month);
    if (!months.includes(next)) return errorValue("health.partition_missing", { table: name, month: next });
  }
  return null;
}

async function checkSchedules(ctx: Context): Promise<ErrorValue | null> {
  const late = await ctx.db.health<{ name: string }[]>`
    select name from scheduled_tasks
    where enabled and next_run_at < now() - interval '5 minutes'`;
  return late.length === 0 ? null : errorValue("health.tasks_overdue", { tasks: late.map(({ name }) => name) });
}

async function checkArchives(ctx: Context): Promise<ErrorValue | null> {
  const [found] = await ctx.db.health<{ damaged: number }[]>`
    select count(*)::int as damaged from archives where problem is not null and state <> 'expired'`;
  const damaged = found?.damaged ?? 0;
  return damaged === 0 ? null : errorValue("health.archives_damaged", { count: damaged });
}

/** The writer of segments stops first when its disk is nearly full, and skips what it cannot write. */
async function checkSegments(ctx: Context): Promise<ErrorValue | null> {
  const states = await ctx.db.health<{ name: string; value: string }[]>`
    select name, value from monitoring_state where name in ('segments_paused', 'segments_failed')`;
  const values = new Map(states.map(({ name, value }) => [name, value]));
  const percent = values.get("segments_paused");
  if (percent !== undefined) return errorValue("health.segments_paused", { percent: Number(percent) });
  const cause = values.get("segments_failed");
  if (cause !== undefined) return errorValue("health.segments_failed", { cause });
  const lag = Math.max(0, ...(await segmentLag(ctx.db.health)).map(({ seconds }) => seconds));
  return lag < SEGMENTS_LATE_S ? null : errorValue("health.segments_late", { hours: Math.floor(lag / 3_600) });
}

/** The files of this machine; each process reports those that it cannot read in its log. */
async function checkGeolocation(ctx: Context): Promise<ErrorValue | null> {
  return (await ctx.geolocation?.problem()) ?? null;
}

/** The server of EXPLORE_URL. Without it, pages are read from PostgreSQL. */
async function checkExplore(ctx: Context): Promise<ErrorValue | null> {
  try {
    await ctx.columnar.remote?.check();
    return null;
  } catch (error) {
    if (error instanceof AppError) return toErrorValue(error);
    throw error;
  }
}

/** This process's current clock offset, and those reported by the other processes and for Redis. */
async function checkClock(ctx: Context): Promise<ErrorValue | null> {
  const [own, readings] = await Promise.all([clockDifference(ctx.db.health), clockReadings(ctx)]);
  const others = readings.filter(({ subject }) => subject !== processName());
  const wrong = [{ subject: processName(), seconds: Math.abs(own) / 1_000 }, ...others].filter(
    ({ seconds }) => seconds * 1_000 > MAX_CLOCK_DIFFERENCE_MS,
  );
  const clocks = wrong.map(({ subject, seconds }) => `${subject}: ${Math.round(seconds)} s`).join(", ");
  return clocks === "" ? null : errorValue("health.clocks_differ", { clocks });
}

/** The work of migrations that runs in the background. */
async function checkUpgrade(ctx: Context): Promise<ErrorValue | null> {
  const pending = await pendingSteps(ctx.db.health);
  if (!pending) return null;
  const { step, error, done, total, remaining } = pending;
  if (error !== null) return errorValue("health.upgrade_failed", { step, error });
  const progress = total === null ? String(done) : `${done}/${total}`;
  return errorValue("health.upgrade_running", { remaining, step, progress });
}

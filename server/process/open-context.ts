import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createCache } from "@/server/cache";
import { connectDatabase, type Database } from "@/server/db/client";
import { type DatabaseClock, followDatabaseClock } from "@/server/db/clock";
import { acquireEmbeddedDatabase, type EmbeddedDatabase } from "@/server/db/embedded";
import { explainRefusal, placeOf } from "@/server/db/explain-refusal";
import { migrateDatabase } from "@/server/db/migrate";
import { requirePatchedDriver } from "@/server/db/patched-driver";
import { requireSameTimeZone } from "@/server/db/time-zone";
import { causeCode, type DatabaseFailure, databaseFailureOf } from "@/server/lib/errors";
import { createLogQueue } from "@/server/queue";
import type { LogQueue } from "@/server/queue/log-queue";
import { refusalOf } from "@/server/queue/outage";
import { type Config, loadConfig } from "./config";
import type { Context } from "./context";
import { prepareDataDir } from "./data-dir";
import { createLogger } from "./logger";
import { loadSecret } from "./secret";
import { StartError } from "./start-error";

export type ProcessRole = "web" | "worker" | "cli";

export interface OpenContext {
  readonly context: Context;
  /** Closes the pools and the queue, and stops the embedded database if no other process uses it. */
  close(): Promise<void>;
}

const SERVICE_TIMEOUT_MS = 30_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Initializes a process: configuration, secret, PostgreSQL with the current schema (embedded unless DATABASE_URL is
 * set), and the queue.
 * @throws ConfigError, StartError with a line for the user
 */
export async function openContext(
  role: ProcessRole,
  options: { config?: Config; log?: Logger; poolSize?: number } = {},
): Promise<OpenContext> {
  const config = options.config ?? loadConfig();
  const log = options.log ?? createLogger(config, role);
  const secret = await loadSecret(config);
  const database = await prepareDatabase(config, role === "cli" ? "command" : "service", log);
  try {
    const db = connectDatabase(database.url, {
      applicationName: `batch-console ${role}`,
      max: options.poolSize,
      statementTimeout: role === "web" ? STATEMENT_TIMEOUT_MS : 0,
    });
    const clock = await openClock(db, config).catch(async (error: unknown) => {
      await db.close();
      throw error;
    });
    const queue = createLogQueue({ redisUrl: config.redisUrl, db, log });
    await requireRedisDatabase(config, queue).catch(async (error: unknown) => {
      await Promise.all([queue.close(), clock.stop()]);
      await db.close();
      throw error;
    });
    const cache = createCache({ redisUrl: config.redisUrl, log });
    return {
      context: { config, db, queue, cache, log, secret, now: clock.now },
      close: async () => {
        await Promise.all([queue.close(), cache.close(), clock.stop()]);
        await db.close();
        await database.release();
      },
    };
  } catch (error) {
    await database.release();
    throw error;
  }
}

/** Checks that Redis has the database in REDIS_URL, which only Redis knows. Skipped if it is unreachable. */
async function requireRedisDatabase(config: Config, queue: LogQueue): Promise<void> {
  if (!config.redisUrl) return;
  const failure = await queue.ping().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!refusalOf(failure)?.includes("DB index is out of range")) return;
  const database = new URL(config.redisUrl).pathname.slice(1);
  throw new StartError(
    `REDIS_URL names database ${database}, which this Redis does not have. Use a lower number, or raise "databases" in its configuration.`,
    { cause: failure },
  );
}

async function openClock(db: Database, config: Config): Promise<DatabaseClock> {
  const clock = await followDatabaseClock(db.sql);
  await requireSameTimeZone(db.sql, config.timeZone, clock.now());
  return clock;
}

/**
 * Prepares PostgreSQL, external (DATABASE_URL) or embedded, with the current schema.
 * @param kind a service waits up to 30 seconds for a PostgreSQL that is still starting
 * @throws StartError with a line for the user
 */
export async function prepareDatabase(
  config: Config,
  kind: "service" | "command",
  log: Logger,
): Promise<EmbeddedDatabase> {
  requirePatchedDriver();
  await prepareDataDir(config);
  const database: EmbeddedDatabase = config.databaseUrl
    ? { url: config.databaseUrl, release: async () => {} }
    : await acquireEmbeddedDatabase(config, log);
  try {
    await migrateWhenReachable(database.url, kind === "service" ? SERVICE_TIMEOUT_MS : 0, log);
    return database;
  } catch (error) {
    await database.release();
    throw error;
  }
}

async function migrateWhenReachable(url: string, timeoutMs: number, log: Logger): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (let isLogged = false; ; isLogged = true) {
    try {
      await migrateDatabase(url);
      return;
    } catch (error) {
      const failure = databaseFailureOf(error);
      if (!failure || !TRANSIENT.has(failure) || Date.now() >= end) throw explainRefusal(error, url);
      if (!isLogged) log.warn(`${waitingFor(failure)} ${placeOf(url).host} (${causeCode(error)}); retrying.`);
    }
    await sleep(500);
  }
}

/** Conditions of a PostgreSQL that is starting or failing over. */
const TRANSIENT: ReadonlySet<DatabaseFailure> = new Set(["unreachable", "overloaded", "read_only", "conflict"]);

function waitingFor(failure: DatabaseFailure): string {
  return failure === "read_only" ? "PostgreSQL is read-only at" : "PostgreSQL cannot be reached yet at";
}

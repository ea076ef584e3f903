import type { Logger } from "pino";
import { createCache } from "@/server/cache";
import { connectDatabase } from "@/server/db/client";
import { followDatabaseClock } from "@/server/db/clock";
import { acquireEmbeddedDatabase, type EmbeddedDatabase } from "@/server/db/embedded";
import { migrateDatabase, requireSuitableDatabase } from "@/server/db/migrate";
import { requirePatchedDriver } from "@/server/db/patched-driver";
import { requireSameTimeZone } from "@/server/db/time-zone";
import { makeWhenAvailable, type WhenAvailable } from "@/server/db/when-available";
import { openFileStores, recordStores } from "@/server/files";
import { AppError } from "@/server/lib/errors";
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
  /** Runs further steps of the start. */
  readonly whenAvailable: WhenAvailable;
  /** Closes the pools and the queue, and stops the embedded database if no other process uses it. */
  close(): Promise<void>;
}

const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Initializes a process: configuration, secret, PostgreSQL with the current schema (embedded unless DATABASE_URL is
 * set), and the queue.
 * @param options.signal ends the wait for a PostgreSQL that is starting
 * @throws ConfigError, StartError with a line for the user
 */
export async function openContext(
  role: ProcessRole,
  options: { config?: Config; log?: Logger; poolSize?: number; signal?: AbortSignal } = {},
): Promise<OpenContext> {
  const config = options.config ?? loadConfig();
  const log = options.log ?? createLogger(config, role);
  const secret = await loadSecret(config);
  const kind = role === "cli" ? "command" : "service";
  /** The resources to close, in the order of opening. */
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne();
  };
  try {
    const database = await prepareDatabase(config, kind, log, { signal: options.signal });
    opened.push(database.release);
    const whenAvailable = makeWhenAvailable(database.url, kind, log, options.signal);
    const db = connectDatabase(database.url, {
      applicationName: `batch-console ${role}`,
      max: options.poolSize,
      statementTimeout: role === "web" ? STATEMENT_TIMEOUT_MS : 0,
    });
    opened.push(db.close);
    const clock = await whenAvailable(() => followDatabaseClock(db.sql));
    opened.push(clock.stop);
    await whenAvailable(() => requireSameTimeZone(db.sql, config.timeZone, clock.now()));
    const files = await whenAvailable(() => openFileStores(config, db.sql)).catch((error: unknown) => {
      throw explainFilesError(error);
    });
    await whenAvailable(() => recordStores(db.sql, files.all));
    const queue = createLogQueue({ redisUrl: config.redisUrl, db, log });
    opened.push(() => queue.close());
    await requireRedisDatabase(config, queue);
    const cache = createCache({ redisUrl: config.redisUrl, log });
    opened.push(() => cache.close());
    return { context: { config, db, queue, files, cache, log, secret, now: clock.now }, whenAvailable, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function explainFilesError(error: unknown): unknown {
  return error instanceof AppError ? new StartError(`FILES_URL, DATA_DIR: ${error.message}`, { cause: error }) : error;
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

/**
 * Prepares PostgreSQL, external (DATABASE_URL) or embedded, with the current schema.
 * @param kind a service waits for a PostgreSQL that is still starting, until `options.signal` aborts
 * @param options.isMigrated false: with the schema that it has
 * @throws StartError with a line for the user
 */
export async function prepareDatabase(
  config: Config,
  kind: "service" | "command",
  log: Logger,
  { isMigrated = true, signal }: { isMigrated?: boolean; signal?: AbortSignal } = {},
): Promise<EmbeddedDatabase> {
  requirePatchedDriver();
  await prepareDataDir(config);
  const database: EmbeddedDatabase = config.databaseUrl
    ? { url: config.databaseUrl, release: async () => {} }
    : await acquireEmbeddedDatabase(config, log);
  try {
    const prepare = isMigrated ? migrateDatabase : requireSuitableDatabase;
    await makeWhenAvailable(database.url, kind, log, signal)(() => prepare(database.url));
    return database;
  } catch (error) {
    await database.release();
    throw error;
  }
}

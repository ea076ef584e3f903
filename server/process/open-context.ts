import type { Logger } from "pino";
import { createCache } from "@/server/cache";
import { type ColumnarEngine, openColumnarEngine } from "@/server/columnar";
import { connectDatabase } from "@/server/db/client";
import { followDatabaseClock } from "@/server/db/clock";
import { requireEffectiveSettings } from "@/server/db/effective-settings";
import { acquireEmbeddedDatabase, type EmbeddedDatabase } from "@/server/db/embedded";
import { migrateDatabase, requireSuitableDatabase } from "@/server/db/migrate";
import { requirePatchedDriver } from "@/server/db/patched-driver";
import { countConnections, poolSizes } from "@/server/db/pool-sizes";
import { isPooler, requirePoolerCapacity, requireSameDatabase } from "@/server/db/pooler";
import { requireSameTimeZone } from "@/server/db/time-zone";
import { makeWhenAvailable, type WhenAvailable } from "@/server/db/when-available";
import { openFileStores, recordStores } from "@/server/files";
import { makeGeolocation } from "@/server/geolocation";
import { AppError } from "@/server/lib/errors";
import { createLogQueue } from "@/server/queue";
import type { LogQueue } from "@/server/queue/log-queue";
import { refusalOf } from "@/server/queue/outage";
import { type Config, loadConfig } from "./config";
import { requireConnections } from "./connection-budget";
import type { Context } from "./context";
import { prepareDataDir } from "./data-dir";
import { createLogger } from "./logger";
import { followSchema } from "./schema";
import { loadSecret } from "./secret";
import { StartError } from "./start-error";

export type ProcessRole = "web" | "worker" | "collect" | "cli";

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
 * @param options.waits whether a command waits for it too
 * @throws ConfigError, StartError with a line for the user
 */
export async function openContext(
  role: ProcessRole,
  options: { config?: Config; log?: Logger; signal?: AbortSignal; waits?: boolean } = {},
): Promise<OpenContext> {
  const config = options.config ?? loadConfig();
  const log = options.log ?? createLogger(config, role);
  const secret = await loadSecret(config);
  const kind = role === "cli" && !options.waits ? "command" : "service";
  const statementTimeout = role === "web" ? STATEMENT_TIMEOUT_MS : 0;
  /** The resources to close, in the order of opening. */
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne();
  };
  try {
    const database = await prepareDatabase(config, kind, log, { signal: options.signal });
    opened.push(database.release);
    const { url, poolerUrl } = database;
    const whenAvailable = makeWhenAvailable(poolerUrl ?? url, kind, log, options.signal);
    const sizes = poolSizes(config.databasePools, role);
    if (poolerUrl) await whenAvailable(() => requirePoolerCapacity(poolerUrl, countConnections(sizes, role).pooled));
    const db = connectDatabase(url, {
      poolerUrl,
      applicationName: `batch-console ${role}`,
      sizes,
      statementTimeout,
    });
    opened.push(db.close);
    await whenAvailable(() => requireEffectiveSettings(db));
    await whenAvailable(() => requireConnections(db, { settings: config.databasePools, role, log }));
    if (role !== "cli") opened.push(followSchema(db, log));
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
    const columnar = openColumnarEngine(config, log, { queryTimeoutMs: statementTimeout });
    opened.push(() => columnar.close());
    if (role !== "cli") await requireRemoteEngine(columnar, log);
    const geolocation = config.geolocationDir ? makeGeolocation(config.geolocationDir, log) : undefined;
    return {
      context: { config, db, queue, files, cache, columnar, geolocation, log, secret, now: clock.now },
      whenAvailable,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Checks the server of EXPLORE_URL. A server that is unavailable for a while is only reported.
 * @throws StartError for what must be configured
 */
async function requireRemoteEngine({ remote }: ColumnarEngine, log: Logger): Promise<void> {
  try {
    await remote?.check();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const line = `EXPLORE_URL: ${error.message}`;
    if (error.retryAfter === undefined) throw new StartError(line, { cause: error });
    log.warn({ err: error }, line);
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

export interface PreparedDatabase extends EmbeddedDatabase {
  /** The URL of the pooler in front of it, if there is one. */
  readonly poolerUrl?: string;
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
): Promise<PreparedDatabase> {
  requirePatchedDriver();
  await prepareDataDir(config);
  const retry = (url: string) => makeWhenAvailable(url, kind, log, signal);
  const database: PreparedDatabase = config.databaseUrl
    ? await findPooler(config.databaseUrl, config.databaseDirectUrl, retry)
    : await acquireEmbeddedDatabase(config, log);
  try {
    const prepare = isMigrated ? () => migrateDatabase(database.url, log) : () => requireSuitableDatabase(database.url);
    await retry(database.url)(prepare);
    return database;
  } catch (error) {
    await database.release();
    throw error;
  }
}

async function findPooler(
  url: string,
  directUrl: string | undefined,
  retry: (url: string) => WhenAvailable,
): Promise<PreparedDatabase> {
  const release = async () => {};
  const isPooled = await retry(url)(() => isPooler(url));
  if (directUrl === undefined) {
    if (!isPooled) return { url, release };
    throw new StartError(
      "DATABASE_URL is that of a connection pooler. Set DATABASE_DIRECT_URL to the URL of PostgreSQL itself, for migrations, session locks and exports.",
    );
  }
  const whenAvailable = retry(directUrl);
  if (await whenAvailable(() => isPooler(directUrl))) {
    throw new StartError("DATABASE_DIRECT_URL is that of a connection pooler. Set it to the URL of PostgreSQL itself.");
  }
  await whenAvailable(() => requireSameDatabase(url, directUrl));
  return isPooled ? { url: directUrl, poolerUrl: url, release } : { url, release };
}

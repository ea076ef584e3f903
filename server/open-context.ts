import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { createCache } from "./cache";
import { type Config, loadConfig } from "./config";
import type { Context } from "./context";
import { connectDatabase } from "./db/client";
import { acquireEmbeddedDatabase, type EmbeddedDatabase } from "./db/embedded";
import { migrateDatabase } from "./db/migrate";
import { requireSameTimeZone } from "./db/time-zone";
import { causeCode, isDatabaseAway } from "./errors";
import { createLogQueue } from "./queue";
import { createLogger } from "./runtime/logger";
import { loadSecret } from "./runtime/secret";
import { StartError } from "./runtime/start-error";

export type ProcessRole = "web" | "worker" | "cli";

export interface OpenContext {
  readonly context: Context;
  /** Closes the pools and the queue, and stops the embedded database if nobody else uses it. */
  close(): Promise<void>;
}

const SERVICE_PATIENCE_MS = 30_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Brings up what a process needs: configuration, secret, PostgreSQL (embedded unless DATABASE_URL is
 * set) with the newest schema, and the queue.
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
    try {
      await requireSameTimeZone(db.sql, config.timeZone, new Date());
    } catch (error) {
      await db.close();
      throw error;
    }
    const queue = createLogQueue({ redisUrl: config.redisUrl, db, log });
    const cache = createCache({ redisUrl: config.redisUrl, log });
    return {
      context: { config, db, queue, cache, log, secret, now: () => new Date() },
      close: async () => {
        await Promise.all([queue.close(), cache.close()]);
        await db.close();
        await database.release();
      },
    };
  } catch (error) {
    await database.release();
    throw error;
  }
}

/**
 * PostgreSQL with the newest schema: DATABASE_URL's, or the embedded one.
 * @param kind a service waits 30 seconds for a PostgreSQL that starts beside it
 * @throws StartError with a line for the user
 */
export async function prepareDatabase(
  config: Config,
  kind: "service" | "command",
  log: Logger,
): Promise<EmbeddedDatabase> {
  const database: EmbeddedDatabase = config.databaseUrl
    ? { url: config.databaseUrl, release: async () => {} }
    : await acquireEmbeddedDatabase(config, log);
  try {
    await migrateWhenReachable(database.url, kind === "service" ? SERVICE_PATIENCE_MS : 0, log);
    return database;
  } catch (error) {
    await database.release();
    throw error;
  }
}

async function migrateWhenReachable(url: string, patience: number, log: Logger): Promise<void> {
  const end = Date.now() + patience;
  for (let said = false; ; said = true) {
    try {
      await migrateDatabase(url);
      return;
    } catch (error) {
      if (!isDatabaseAway(error)) throw explainRefusal(error, url);
      if (Date.now() >= end) {
        throw new StartError(
          `PostgreSQL at ${hostOf(url)} cannot be reached (${causeCode(error)}). Start it, or mend DATABASE_URL.`,
          { cause: error },
        );
      }
      if (!said) log.warn(`PostgreSQL at ${hostOf(url)} cannot be reached yet; waiting for it.`);
    }
    await sleep(500);
  }
}

/** A refusal to let us in (class 28, no such database, a version too old) as a line; anything else as it is. */
function explainRefusal(error: unknown, url: string): unknown {
  const code = causeCode(error);
  if (!(error instanceof Error)) return error;
  const isRefusal = code?.startsWith("28") || code === "3D000" || error.message.includes("too old");
  if (!isRefusal) return error;
  return new StartError(`PostgreSQL at ${hostOf(url)}: ${error.message} (DATABASE_URL)`, { cause: error });
}

function hostOf(url: string): string {
  return new URL(url).host;
}

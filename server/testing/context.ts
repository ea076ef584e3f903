import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll } from "vitest";
import { createCache } from "@/server/cache";
import { openColumnarEngine } from "@/server/columnar";
import { openFileStores } from "@/server/files";
import { makeGeolocation } from "@/server/geolocation";
import { loadConfig } from "@/server/process/config";
import type { Context } from "@/server/process/context";
import { createLogQueue } from "@/server/queue";
import { createTestDatabase } from "./database";

export interface TestContext {
  readonly context: Context;
  /** Closes the queue and drops the database. @throws if connections were left open */
  close(): Promise<void>;
}

interface ContextOptions {
  /** Environment variables that override the defaults. */
  readonly env?: Record<string, string>;
  readonly redisUrl?: string;
  /** The port of a PgBouncer in front of PostgreSQL. */
  readonly poolerPort?: number;
  /** Parts of the context, such as a clock. */
  readonly overrides?: Partial<Context>;
}

/**
 * Runs the tests of a file with a context in a separate database.
 * @returns the context, which exists while tests run
 */
export function setUpContext(use: (ctx: Context) => void, options: ContextOptions = {}): () => Context {
  let opened: TestContext | undefined;
  beforeAll(async () => {
    opened = await createTestContext(options);
    use(opened.context);
  });
  afterAll(() => opened?.close());
  return () => {
    if (!opened) throw new Error("The context is created in beforeAll.");
    return opened.context;
  };
}

/** Creates a context on a new database. The queue is in PostgreSQL unless `redisUrl` is given. */
export async function createTestContext(options: ContextOptions = {}): Promise<TestContext> {
  const database = await createTestDatabase({ max: 10, poolerPort: options.poolerPort });
  const dataDir = await mkdtemp(path.join(tmpdir(), "batch-console-data-"));
  const config = loadConfig({
    NODE_ENV: "test",
    ...database.env,
    DATA_DIR: dataDir,
    REDIS_URL: options.redisUrl,
    LOG_LEVEL: "silent",
    ...options.env,
  });
  const log = pino({ level: config.logLevel });
  const files = await openFileStores(config, database.db.sql);
  const queue = createLogQueue({ redisUrl: config.redisUrl, db: database.db, log });
  const cache = createCache({ redisUrl: config.redisUrl, log });
  const columnar = openColumnarEngine(config, log);
  return {
    context: {
      config,
      db: database.db,
      queue,
      files,
      cache,
      columnar,
      geolocation: config.geolocationDir ? makeGeolocation(config.geolocationDir, log, 0) : undefined,
      log,
      secret: "a secret for tests that is long enough",
      now: () => new Date(),
      ...options.overrides,
    },
    close: async () => {
      await Promise.all([queue.close(), cache.close(), columnar.close()]);
      await rm(dataDir, { recursive: true, force: true });
      await database.drop();
    },
  };
}

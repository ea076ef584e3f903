import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { type LogTableName, mapLogTables } from "@/server/catalog";
import { longWorkSettings, poolSettings, type Settings } from "./connection-settings";
import { openClient, separateSettings } from "./connection-url";
import { DEFAULT_POOLS, type PoolSizes, poolSizes } from "./pool-sizes";
import { makePrologue } from "./prologue";
import * as schema from "./schema";
import { longWorkDeadlines, poolDeadlines } from "./silence";

export type Sql = postgres.Sql;
/** A pool, or a connection inside a transaction. */
export type SqlExecutor = postgres.ISql;
/** A connection inside a transaction. */
export type Transaction = postgres.TransactionSql;
export type Orm = PostgresJsDatabase<typeof schema>;

type ReadOrm = Orm & { readonly $client: Sql };

/** A pool with the settings that each of its transactions must have. */
export interface Pool {
  readonly name: string;
  readonly sql: Sql;
  readonly settings: Settings;
}

export interface Database {
  /** The URL of PostgreSQL itself, also if the pools use a pooler: for session locks and long work. */
  readonly url: string;
  /** One pool of each kind. */
  readonly kinds: readonly Pool[];
  /** Whether a pooler is in use, through which the driver cannot prepare statements. */
  readonly isPooled: boolean;
  /** postgres.js without Drizzle: for sign-in, for the worker's own reads and for all writes except log rows. */
  readonly sql: Sql;
  /**
   * One pool per log table for inserting log rows. Batches that wait for a lock on one table do not take connections
   * from the other table or from other work.
   */
  readonly intake: Readonly<Record<LogTableName, Sql>>;
  /**
   * One connection per log table for creating partitions. A batch requests it while it already uses a connection of
   * `intake`; a shared pool could deadlock, also one of a pooler, which is not used here.
   */
  readonly ddl: Readonly<Record<LogTableName, Sql>>;
  /** For health checks. Separate from the other pools, which may be exhausted; statements time out after 3 seconds. */
  readonly health: Sql;
  /** Drizzle, on its own client because it replaces the date and JSON parsers of the client it wraps. */
  readonly orm: Orm;
  /**
   * For read-only queries of users. Each statement is cancelled after READ_TIMEOUT_MS and each lock wait earlier, so
   * that no filter can take connections from sign-in, intake or health checks. Parameterized statements use a generic
   * plan (prepared.ts), which avoids planning over all partitions. JIT is off: the cost estimate of a generic plan
   * would trigger compilation that takes longer than the query.
   */
  readonly read: ReadOrm;
  /** `read` with one pool per log table, so that readers of a locked table do not block readers of the other. */
  readonly logReads: Readonly<Record<LogTableName, ReadOrm>>;
  close(): Promise<void>;
}

/** Reverse proxies often time out after 30 seconds; users rarely wait longer than this for a page. */
const READ_TIMEOUT_MS = 10_000;
const HEALTH_TIMEOUT_MS = 3_000;

const IDLE_TIMEOUT = 60;
const DDL_IDLE_TIMEOUT = 10;
/** Seconds that a statement waits for a free connection. */
const QUEUE_TIMEOUT = 6;

const SHARED = {
  // Seconds, as are all values here. A low limit shortens recovery after a network failure.
  connect_timeout: 5,
  keep_alive: 30,
  // Without pipelining, a statement never waits behind a slow one on the same connection.
  max_pipeline: 1,
  // The default of postgres.js backs off for up to 20 seconds, which delays recovery.
  backoff: (failures: number) => Math.min(0.05 * 2 ** failures, 1),
  onnotice: () => {},
} satisfies postgres.Options<Record<string, never>>;

export const TIME_AS_TEXT = {
  to: 1184,
  from: [1184],
  serialize: (value: unknown) => value,
  parse: (text: string) => text,
};

/**
 * Opens a client with one connection for work that takes hours and uses session-level locks. The connection has no
 * maximum lifetime or idle timeout. PostgreSQL detects within a minute that its host is gone.
 */
export function connectForLongWork(url: string, applicationName: string): Sql {
  return openClient(url, {
    ...SHARED,
    max: 1,
    max_lifetime: null,
    connection: longWorkSettings(applicationName),
    types: { timestamptz: TIME_AS_TEXT },
    ...longWorkDeadlines(url),
  });
}

/**
 * Opens lazily connecting pools, which reconnect automatically. Timestamps, numerics and int8 are returned as text to
 * preserve precision. The session time zone is UTC.
 * @param url of PostgreSQL itself
 * @param options.poolerUrl of a pooler for short statements and transactions
 * @param options.max limits the size of every pool
 * @param options.statementTimeout milliseconds after which PostgreSQL cancels a statement of `orm` (0: never)
 */
export function connectDatabase(
  url: string,
  options: {
    applicationName: string;
    poolerUrl?: string | undefined;
    sizes?: PoolSizes;
    max?: number;
    statementTimeout?: number;
  },
): Database {
  const { poolerUrl, sizes = poolSizes(DEFAULT_POOLS, "web"), max = Number.POSITIVE_INFINITY } = options;
  const clients: Sql[] = [];
  const pool = (own: PoolOptions) => {
    const via = own.isDirect ? undefined : poolerUrl;
    const settings = { ...poolSettings(options.applicationName), ...own.settings };
    const client = openClient(via === undefined ? url : separateSettings(via).url, {
      ...SHARED,
      ...poolDeadlines(url),
      queue_timeout: QUEUE_TIMEOUT,
      idle_timeout: own.idleTimeout ?? IDLE_TIMEOUT,
      max: Math.min(own.max, max),
      ...(own.types && { types: own.types }),
      ...(via === undefined ? { connection: settings } : withPooler(settings, via)),
    });
    clients.push(client);
    return { name: own.name, sql: client, settings };
  };
  const types = { timestamptz: TIME_AS_TEXT };
  const general = pool({ name: "requests", max: sizes.general, types });
  const sessions = pool({
    name: "sessions",
    max: sizes.sessions,
    settings: { statement_timeout: options.statementTimeout ?? 0 },
  });
  const health = pool({
    name: "health checks",
    max: sizes.health,
    settings: { statement_timeout: HEALTH_TIMEOUT_MS, lock_timeout: HEALTH_TIMEOUT_MS / 3 },
  });
  const makeReads = () =>
    pool({
      name: "reads",
      max: sizes.reads,
      settings: {
        statement_timeout: READ_TIMEOUT_MS,
        default_transaction_read_only: true,
        plan_cache_mode: "force_generic_plan",
        jit: false,
      },
    });
  const reads = makeReads();
  // Always to PostgreSQL itself: a pooler could have given all its connections to batches that wait for a partition.
  const makeDdl = () => pool({ name: "partitions", max: 1, idleTimeout: DDL_IDLE_TIMEOUT, isDirect: true });
  const ddl = mapLogTables(makeDdl);
  return {
    url,
    kinds: [general, sessions, health, reads],
    isPooled: poolerUrl !== undefined,
    sql: general.sql,
    intake: mapLogTables(() => pool({ name: "batches", types, max: sizes.intake }).sql),
    ddl: mapLogTables((table) => ddl[table].sql),
    health: health.sql,
    orm: drizzle(sessions.sql, { schema }),
    read: drizzle(reads.sql, { schema }),
    logReads: mapLogTables(() => drizzle(makeReads().sql, { schema })),
    close: async () => {
      await Promise.all(clients.map((client) => client.end({ timeout: 5 })));
    },
  };
}

interface PoolOptions {
  readonly name: string;
  readonly max: number;
  readonly settings?: Settings;
  readonly types?: Record<string, postgres.PostgresType>;
  readonly idleTimeout?: number;
  /** Bypasses the pooler. */
  readonly isDirect?: boolean;
}

/**
 * Behind a pooler, PostgreSQL's connections are shared, so settings are sent with each transaction, and a prepared
 * statement may not exist in the next one.
 */
function withPooler(settings: Settings, url: string) {
  return { prepare: false, ...makePrologue({ ...settings, ...separateSettings(url).settings }) };
}

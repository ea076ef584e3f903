import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { type LogTableName, mapLogTables } from "@/server/catalog";
import { databaseOf, longWorkSettings, poolSettings } from "./connection-settings";
import * as schema from "./schema";
import { longWorkDeadlines, poolDeadlines } from "./silence";

export type Sql = postgres.Sql;
/** A pool, or a connection inside a transaction. */
export type SqlExecutor = postgres.ISql;
/** A connection inside a transaction. */
export type Transaction = postgres.TransactionSql;
export type Orm = PostgresJsDatabase<typeof schema>;

type ReadOrm = Orm & { readonly $client: Sql };

export interface Database {
  readonly url: string;
  /** postgres.js without Drizzle: for sign-in, for the worker's own reads and for all writes except log rows. */
  readonly sql: Sql;
  /**
   * One pool per log table for inserting log rows. Batches that wait for a lock on one table do not take connections
   * from the other table or from other work.
   */
  readonly intake: Readonly<Record<LogTableName, Sql>>;
  /**
   * One connection per log table for creating partitions. A batch requests it while it already uses a connection of
   * `intake`; a shared pool could deadlock.
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
const READ_CONNECTIONS = 6;
const ORM_CONNECTIONS = 6;
const HEALTH_TIMEOUT_MS = 3_000;
/** Concurrent inserts per table. More than twice the number of cores adds no throughput (docs/decisions/0003). */
const INTAKE_CONNECTIONS = 4;

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

const TIME_AS_TEXT = {
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
  return postgres(url, {
    ...SHARED,
    database: databaseOf(url),
    max: 1,
    max_lifetime: null,
    connection: longWorkSettings(applicationName),
    types: { timestamptz: TIME_AS_TEXT },
    ...longWorkDeadlines(url),
  });
}

/**
 * Opens lazily connecting pools of at most `max` connections each. They reconnect automatically. Timestamps, numerics
 * and int8 are returned as text to preserve precision. The session time zone is UTC.
 * @param statementTimeout milliseconds after which PostgreSQL cancels a statement of `orm` (0: never)
 */
export function connectDatabase(
  url: string,
  options: { applicationName: string; max?: number; statementTimeout?: number },
): Database {
  const max = options.max ?? 10;
  const clients: Sql[] = [];
  const pool = (own: postgres.Options<Record<string, postgres.PostgresType>>): Sql => {
    const connection = { ...poolSettings(options.applicationName), ...own.connection };
    const deadlines = { ...poolDeadlines(url), queue_timeout: QUEUE_TIMEOUT };
    const database = databaseOf(url);
    const client = postgres(url, { ...SHARED, ...deadlines, database, max, idle_timeout: 60, ...own, connection });
    clients.push(client);
    return client;
  };
  const types = { timestamptz: TIME_AS_TEXT };
  const ormClient = pool({
    max: Math.min(max, ORM_CONNECTIONS),
    connection: { statement_timeout: options.statementTimeout ?? 0 },
  });
  const makeReads = () => {
    const connection = {
      statement_timeout: READ_TIMEOUT_MS,
      default_transaction_read_only: true,
      plan_cache_mode: "force_generic_plan",
      jit: false,
    };
    return drizzle(pool({ max: Math.min(max, READ_CONNECTIONS), connection }), { schema });
  };
  return {
    url,
    sql: pool({ types }),
    intake: mapLogTables(() => pool({ types, max: Math.min(max, INTAKE_CONNECTIONS) })),
    ddl: mapLogTables(() => pool({ max: 1, idle_timeout: 10 })),
    health: pool({ max: 2, connection: { statement_timeout: HEALTH_TIMEOUT_MS, lock_timeout: HEALTH_TIMEOUT_MS / 3 } }),
    orm: drizzle(ormClient, { schema }),
    read: makeReads(),
    logReads: mapLogTables(makeReads),
    close: async () => {
      await Promise.all(clients.map((client) => client.end({ timeout: 5 })));
    },
  };
}

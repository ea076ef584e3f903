import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema";

export type Sql = postgres.Sql;
/** A connection inside a transaction, or the pool itself. */
export type SqlExecutor = postgres.ISql;
/** A connection inside a transaction. */
export type Transaction = postgres.TransactionSql;
export type Orm = PostgresJsDatabase<typeof schema>;

export interface Database {
  readonly url: string;
  /** Plain postgres.js for hot statements, COPY and transactions that hold their connection. */
  readonly sql: Sql;
  /**
   * One connection of its own for making partitions: a batch asks for one while it holds a connection of
   * `sql`, and ten batches that each wait for an eleventh connection would wait for ever.
   */
  readonly ddl: Sql;
  /** Drizzle, on a client of its own: it replaces the date and JSON parsers of the client it wraps. */
  readonly orm: Orm;
  /**
   * For reading logs, read-only, each statement stopped after READ_TIMEOUT_MS and each wait for a lock earlier:
   * whatever people filter by, it keeps no connection from signing in, intake and health. Statements with parameters
   * are planned once for all values (prepared.ts), so that those on the partitions plan in no time; a plan for unknown
   * values looks dear enough to be compiled at each run, which takes far longer than the run.
   */
  readonly read: Orm & { readonly $client: Sql };
  close(): Promise<void>;
}

/** Nobody waits longer for a page of rows; a proxy's own limit is often 30 seconds. */
const READ_TIMEOUT_MS = 10_000;
/** Dropping a partition takes milliseconds; who waits longer is told so. */
const READ_LOCK_TIMEOUT_MS = 3_000;

const SHARED = {
  connect_timeout: 10,
  // Seconds. postgres.js's own goes up to 20, all of which a recovered server would wait for us.
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
 * A client of one connection for work that takes hours and holds a session's lock: it is never ended for its age
 * or idleness, and PostgreSQL notices within a minute when the machine of its owner is gone.
 */
export function connectForLongWork(url: string, applicationName: string): Sql {
  return postgres(url, {
    ...SHARED,
    max: 1,
    max_lifetime: null,
    connection: {
      application_name: applicationName,
      TimeZone: "UTC",
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      tcp_keepalives_idle: 30,
      tcp_keepalives_interval: 10,
      tcp_keepalives_count: 3,
    },
    types: { timestamptz: TIME_AS_TEXT },
  });
}

/**
 * Opens pools of at most `max` connections each, lazily; they reconnect by themselves.
 * Timestamps, numerics and int8 come as text (no digit lost), sessions run in UTC.
 * @param statementTimeout milliseconds after which PostgreSQL stops a statement of `orm` (0: never)
 */
export function connectDatabase(
  url: string,
  options: { applicationName: string; max?: number; statementTimeout?: number },
): Database {
  const shared = { ...SHARED, max: options.max ?? 10, idle_timeout: 60 };
  const connection = { application_name: options.applicationName, TimeZone: "UTC" };
  const sql = postgres(url, { ...shared, connection, types: { timestamptz: TIME_AS_TEXT } });
  const ddl = postgres(url, { ...shared, max: 1, idle_timeout: 10, connection });
  const ormClient = postgres(url, {
    ...shared,
    connection: { ...connection, statement_timeout: options.statementTimeout ?? 0 },
  });
  const readClient = postgres(url, {
    ...shared,
    connection: {
      ...connection,
      statement_timeout: READ_TIMEOUT_MS,
      lock_timeout: READ_LOCK_TIMEOUT_MS,
      default_transaction_read_only: true,
      plan_cache_mode: "force_generic_plan",
      jit: false,
    },
  });
  return {
    url,
    sql,
    ddl,
    orm: drizzle(ormClient, { schema }),
    read: drizzle(readClient, { schema }),
    close: async () => {
      await Promise.all([sql, ddl, ormClient, readClient].map((client) => client.end({ timeout: 5 })));
    },
  };
}

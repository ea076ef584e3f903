import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { type LogTableName, mapLogTables } from "@/server/catalog";
import { longWorkSettings, poolSettings } from "./connection-settings";
import * as schema from "./schema";
import { longWorkDeadlines, poolDeadlines } from "./silence";

export type Sql = postgres.Sql;
/** A connection inside a transaction, or the pool itself. */
export type SqlExecutor = postgres.ISql;
/** A connection inside a transaction. */
export type Transaction = postgres.TransactionSql;
export type Orm = PostgresJsDatabase<typeof schema>;

type ReadOrm = Orm & { readonly $client: Sql };

export interface Database {
  readonly url: string;
  /** Plain postgres.js for what changes anything but log rows, for the worker's own reads and for signing in. */
  readonly sql: Sql;
  /**
   * For storing log rows, a pool a table: batches that wait for a lock on one table take no connection from the other
   * table, nor from anything else.
   */
  readonly intake: Readonly<Record<LogTableName, Sql>>;
  /**
   * One connection a table for making its partitions: a batch asks for one while it holds a connection of
   * `intake`, and batches that each wait for one connection more would wait for ever.
   */
  readonly ddl: Readonly<Record<LogTableName, Sql>>;
  /** For looking how PostgreSQL is, apart from the pools that may be taken; each statement stopped after 3 seconds. */
  readonly health: Sql;
  /** Drizzle, on a client of its own: it replaces the date and JSON parsers of the client it wraps. */
  readonly orm: Orm;
  /**
   * For what people ask to read, read-only, each statement stopped after READ_TIMEOUT_MS and each wait for a lock earlier:
   * whatever people filter by, it keeps no connection from signing in, intake and health. Statements with parameters
   * are planned once for all values (prepared.ts), so that those on the partitions plan in no time; a plan for unknown
   * values looks dear enough to be compiled at each run, which takes far longer than the run.
   */
  readonly read: ReadOrm;
  /** `read` for the pages of each log table: who waits for a locked one takes no connection from the other's readers. */
  readonly logReads: Readonly<Record<LogTableName, ReadOrm>>;
  close(): Promise<void>;
}

/** Nobody waits longer for a page of rows; a proxy's own limit is often 30 seconds. */
const READ_TIMEOUT_MS = 10_000;
const READ_CONNECTIONS = 6;
const ORM_CONNECTIONS = 6;
const HEALTH_TIMEOUT_MS = 3_000;
/** Connections that store rows of one table at a time; more than twice the cores add nothing (docs/decisions/0003). */
const INTAKE_CONNECTIONS = 4;

/** Seconds that a statement waits for a connection while all are taken. */
const QUEUE_TIMEOUT = 6;

const SHARED = {
  // Seconds, as all here. An attempt made while the network hangs is what a recovered one waits for.
  connect_timeout: 5,
  keep_alive: 30,
  // A statement behind a slow one on its connection would wait for it while others are free.
  max_pipeline: 1,
  // postgres.js's own goes up to 20, all of which a recovered server would wait for us.
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
    connection: longWorkSettings(applicationName),
    types: { timestamptz: TIME_AS_TEXT },
    ...longWorkDeadlines(url),
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
  const max = options.max ?? 10;
  const clients: Sql[] = [];
  const pool = (own: postgres.Options<Record<string, postgres.PostgresType>>): Sql => {
    const connection = { ...poolSettings(options.applicationName), ...own.connection };
    const deadlines = { ...poolDeadlines(url), queue_timeout: QUEUE_TIMEOUT };
    const client = postgres(url, { ...SHARED, ...deadlines, max, idle_timeout: 60, ...own, connection });
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

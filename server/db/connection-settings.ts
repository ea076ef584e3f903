import type postgres from "postgres";

/**
 * What PostgreSQL is told when a connection opens. All of it is said, whatever the server's, database's or role's own
 * defaults are. Values are texts: postgres.js leaves out a 0 or false.
 */

/** Milliseconds that a statement of a request or batch may wait for a lock; who waits longer is answered 503. */
const LOCK_TIMEOUT_MS = 3_000;
/** Work without anybody waiting for it waits longer than a frozen process can keep its locks. */
const LONG_LOCK_TIMEOUT_MS = 60_000;
/** A process that is stopped in the middle of a batch keeps its row locks no longer. Above Redis's own time limit. */
const IDLE_IN_TRANSACTION_MS = 25_000;
/** Compressing and closing a large file happens inside a transaction. */
const LONG_IDLE_IN_TRANSACTION_MS = 600_000;

type Settings = NonNullable<postgres.Options<Record<string, never>>["connection"]>;

const EVERY_CONNECTION: Settings = {
  TimeZone: "UTC",
  // Times are read as ISO 8601, whatever the database writes by itself.
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: 1,
  // A COPY takes no parameters: values stand in it as literals, where a backslash must be just that.
  standard_conforming_strings: "on",
  default_transaction_isolation: "read committed",
  statement_timeout: 0,
  idle_session_timeout: 0,
  // PostgreSQL notices within a minute when the machine at the other end is gone.
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
};

/** For requests and batches: waits for locks and idle transactions end soon. */
export function poolSettings(applicationName: string, statementTimeoutMs = 0): Settings {
  return {
    ...EVERY_CONNECTION,
    application_name: applicationName,
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

/** For work that takes hours on one connection. */
export function longWorkSettings(applicationName: string): Settings {
  return {
    ...EVERY_CONNECTION,
    application_name: applicationName,
    lock_timeout: LONG_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LONG_IDLE_IN_TRANSACTION_MS,
  };
}

/** The settings of a connection that waits for other processes to start. */
export function startSettings(applicationName: string): Settings {
  return { ...EVERY_CONNECTION, application_name: applicationName, lock_timeout: 0 };
}

/**
 * Session settings sent when a connection opens. All are explicit, so that defaults of the server, database or role
 * have no effect. Values are strings because postgres.js omits 0 and false.
 */

/** Maximum lock wait in milliseconds for requests and batches. A request that exceeds it gets a 503 response. */
const LOCK_TIMEOUT_MS = 3_000;
/** Background work waits longer than a frozen process can retain its locks. */
const LONG_LOCK_TIMEOUT_MS = 60_000;
/** Releases the row locks of a process that is frozen during a batch. Exceeds Redis's own time limit. */
const IDLE_IN_TRANSACTION_MS = 25_000;
/** Compressing and closing a large file takes place inside a transaction. */
const LONG_IDLE_IN_TRANSACTION_MS = 600_000;

export type Settings = Readonly<Record<string, string | number | boolean>>;

const EVERY_CONNECTION: Settings = {
  TimeZone: "UTC",
  // Dates are parsed as ISO 8601, independently of the database's default.
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: 1,
  // COPY accepts no parameters, so values are literals in which a backslash must have no special meaning.
  standard_conforming_strings: "on",
  default_transaction_isolation: "read committed",
  statement_timeout: 0,
  idle_session_timeout: 0,
  // Detects within a minute that the client's host is gone.
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
};

/** Returns the settings for requests and batches, with short lock and idle-in-transaction timeouts. */
export function poolSettings(applicationName: string, statementTimeoutMs = 0): Settings {
  return {
    ...EVERY_CONNECTION,
    application_name: applicationName,
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
}

/** Returns the settings for work that takes hours on one connection. */
export function longWorkSettings(applicationName: string): Settings {
  return {
    ...EVERY_CONNECTION,
    application_name: applicationName,
    lock_timeout: LONG_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: LONG_IDLE_IN_TRANSACTION_MS,
  };
}

/** Returns the settings for a connection that waits for other processes to start. */
export function startSettings(applicationName: string): Settings {
  return { ...EVERY_CONNECTION, application_name: applicationName, lock_timeout: 0 };
}

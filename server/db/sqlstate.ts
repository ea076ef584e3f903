/**
 * The SQLSTATE codes used by this product under PostgreSQL's names, and the classification of server-side errors. Other
 * files must not contain codes.
 */
export const SQLSTATE = {
  notNullViolation: "23502",
  foreignKeyViolation: "23503",
  uniqueViolation: "23505",
  checkViolation: "23514",
  characterNotInRepertoire: "22021",
  invalidTextRepresentation: "22P02",
  untranslatableCharacter: "22P05",
  readOnlyTransaction: "25006",
  featureNotSupported: "0A000",
  invalidStatementName: "26000",
  duplicateStatement: "42P05",
  invalidPassword: "28P01",
  invalidAuthorization: "28000",
  invalidParameterValue: "22023",
  invalidCatalogName: "3D000",
  invalidSchemaName: "3F000",
  deadlockDetected: "40P01",
  insufficientPrivilege: "42501",
  undefinedColumn: "42703",
  undefinedTable: "42P01",
  duplicateTable: "42P07",
  duplicateObject: "42710",
  undefinedObject: "42704",
  diskFull: "53100",
  tooManyConnections: "53300",
  lockNotAvailable: "55P03",
  queryCanceled: "57014",
  cannotConnectNow: "57P03",
} as const;

/**
 * Conditions that prevent PostgreSQL from executing any statement, or this one temporarily. None is caused by the
 * statement.
 */
export type DatabaseFailure =
  | "unreachable"
  | "overloaded"
  | "full"
  | "read_only"
  | "faulty"
  | "denied"
  | "locked"
  | "conflict"
  | "cancelled";

/** By code, or by class (the first two characters) if all its codes mean the same. The longest match applies. */
const FAILURES: Readonly<Record<string, DatabaseFailure>> = {
  "08": "unreachable", // connection exceptions
  "25006": "read_only", // read_only_sql_transaction
  "25P03": "unreachable", // idle_in_transaction_session_timeout
  "25P04": "unreachable", // transaction_timeout
  "28": "denied", // invalid authorization, as after a change of password
  "3D000": "unreachable", // invalid_catalog_name: the database was dropped or renamed
  "40": "conflict", // serialization failures and deadlocks
  "42501": "denied", // insufficient_privilege
  "53": "overloaded", // too many connections, out of memory, a configured limit
  "53100": "full", // disk_full
  "55006": "locked", // object_in_use
  "55P03": "locked", // lock_not_available
  "57": "unreachable", // admin, crash and idle-session shutdowns, starting up, database dropped
  "57014": "cancelled", // query_canceled
  "58": "faulty", // system errors, such as a failed read
  XX001: "faulty", // data_corrupted
  XX002: "faulty", // index_corrupted
};

/** Error codes of Node.js and postgres.js for errors outside PostgreSQL. */
const CONNECTION_FAILURES: Readonly<Record<string, DatabaseFailure>> = {
  ECONNABORTED: "unreachable",
  ECONNREFUSED: "unreachable",
  ECONNRESET: "unreachable",
  EAI_AGAIN: "unreachable",
  EHOSTDOWN: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENOTFOUND: "unreachable",
  EPIPE: "unreachable",
  ETIMEDOUT: "unreachable",
  CONNECT_TIMEOUT: "unreachable",
  CONNECTION_CLOSED: "unreachable",
  CONNECTION_DESTROYED: "unreachable",
  CONNECTION_ENDED: "unreachable",
  CONNECTION_SILENT: "unreachable",
  QUEUE_TIMEOUT: "overloaded",
};

/** Returns the failure behind an error code; undefined if the statement or another cause is responsible. */
export function failureOf(code: string): DatabaseFailure | undefined {
  const ofConnection = CONNECTION_FAILURES[code];
  if (ofConnection) return ofConnection;
  return SQLSTATE_PATTERN.test(code) ? (FAILURES[code] ?? FAILURES[code.slice(0, 2)]) : undefined;
}

const SQLSTATE_PATTERN = /^[0-9A-Z]{5}$/;

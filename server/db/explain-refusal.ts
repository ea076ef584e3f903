import { userInfo } from "node:os";
import postgres from "postgres";
import { AppError, CERTIFICATE_CODE, causeCode, databaseFailureOf } from "@/server/lib/errors";
import { StartError } from "@/server/process/start-error";
import { databaseOf } from "./connection-url";
import { SQLSTATE } from "./sqlstate";
import { UnsuitableDatabase } from "./unsuitable-database";

/** The server, user and database in DATABASE_URL, for error messages. */
interface Place {
  readonly host: string;
  readonly user: string;
  readonly database: string;
  readonly demandsTls: boolean;
}

/**
 * Causes of a failed connection by the error code of Node.js or postgres.js. Each completes "PostgreSQL at HOST is
 * unavailable: …".
 */
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there. Start it, or correct DATABASE_URL.",
  ENOTFOUND: "its name cannot be resolved. Correct the host in DATABASE_URL.",
  EAI_AGAIN: "its name cannot be resolved at the moment. Check DNS, or the host in DATABASE_URL.",
  ENOENT: "its socket does not exist. Start it, or correct DATABASE_URL.",
  EACCES: "this user has no access to its socket. Change its permissions, or correct DATABASE_URL.",
  EHOSTUNREACH: "there is no route to it. Check the network, or correct DATABASE_URL.",
  ENETUNREACH: "there is no route to it. Check the network, or correct DATABASE_URL.",
  ETIMEDOUT: "it does not answer. Check the firewall, the host and the port in DATABASE_URL.",
  CONNECT_TIMEOUT: "it does not answer as PostgreSQL does. Check the firewall, the host and the port in DATABASE_URL.",
  CONNECTION_SILENT: "it accepted the connection but sent nothing. Check the network and any proxy in between.",
  CONNECTION_CLOSED:
    "it closes the connection without an answer. Check that PostgreSQL listens on this port, and whether it requires TLS (?sslmode=require).",
  ECONNRESET: "it breaks the connection off. Check that PostgreSQL listens on this port.",
  AUTH_TYPE_NOT_IMPLEMENTED:
    "it demands an authentication method that this program does not support. Allow scram-sha-256 in pg_hba.conf.",
};

const NO_TLS =
  "it ends the connection where TLS begins. Turn on ssl in PostgreSQL, or remove sslmode from DATABASE_URL.";
/** The error of a server that does not support TLS if a client requires it. */
const ENDED: ReadonlySet<string> = new Set(["ECONNRESET", "CONNECTION_CLOSED", "EPIPE"]);

const TLS = /^(ERR_SSL|ERR_TLS|EPROTO)/;

/** Converts an error at startup to a line with cause and remedy. Unrecognized errors are returned unchanged. */
export function explainRefusal(error: unknown, url: string): unknown {
  const place = placeOf(url);
  const line = describe(error, place);
  return line === undefined ? error : new StartError(line, { cause: error });
}

function placeOf(url: string): Place {
  const { host, username, searchParams } = new URL(url);
  return {
    host: host || "localhost",
    user: decodeURIComponent(username) || userInfo().username,
    database: databaseOf(url),
    demandsTls: !["disable", "prefer", null].includes(searchParams.get("sslmode")),
  };
}

function describe(error: unknown, { host, user, database, demandsTls }: Place): string | undefined {
  // An error with a message for the user may have another server's as its cause.
  if (!(error instanceof Error) || error instanceof AppError || error instanceof StartError) return undefined;
  if (error instanceof UnsuitableDatabase) return `PostgreSQL at ${host}: ${error.message}`;
  const reply = postgresErrorOf(error);
  const code = causeCode(error) ?? "";
  if (!reply) {
    if (CERTIFICATE_CODE.test(code)) {
      return `The certificate of PostgreSQL at ${host} is not accepted (${code}). Add sslrootcert with the file of its authority to DATABASE_URL, use the name in the certificate, or leave it unchecked with sslmode=require.`;
    }
    if (TLS.test(code)) {
      return `PostgreSQL at ${host} and this program cannot agree on a TLS version (${code}). Check the port, or remove sslmode from DATABASE_URL.`;
    }
    if (databaseFailureOf(error) === undefined && !isOfConnection(error)) return undefined;
    const reason = demandsTls && ENDED.has(code) ? NO_TLS : (UNREACHABLE[code] ?? "start it, or correct DATABASE_URL.");
    return `PostgreSQL at ${host} is unavailable (${code}): ${reason}`;
  }
  const reason = `${reply.message.replace(/\.$/, "")}${reply.detail ? ` (${reply.detail.replace(/\.$/, "")})` : ""}`;
  const at = `PostgreSQL at ${host}: ${reason}.`;
  switch (code) {
    case SQLSTATE.invalidPassword:
      return `${at} Correct the user or password in DATABASE_URL.`;
    case SQLSTATE.invalidAuthorization:
      return `${at} Correct DATABASE_URL (sslmode=require if it requires TLS), or allow the user ${user} in pg_hba.conf.`;
    case SQLSTATE.invalidCatalogName:
      return `${at} Create it, or correct the name after the last / in DATABASE_URL.`;
    case SQLSTATE.insufficientPrivilege:
      return `${at} Make ${user} the owner of the database: ALTER DATABASE ${quoted(database)} OWNER TO ${quoted(user)}, or GRANT CREATE on the schema, or set search_path in DATABASE_URL to a schema that it owns.`;
    case SQLSTATE.invalidSchemaName:
      return `${at} Set search_path of the user ${user} to a schema that exists.`;
    case SQLSTATE.readOnlyTransaction:
      return `${at} It is read-only: set DATABASE_URL to the primary, or turn default_transaction_read_only off.`;
    case SQLSTATE.diskFull:
      return `${at} Free space on its disk.`;
    case SQLSTATE.tooManyConnections:
      return `${at} Raise max_connections, or end other programs that use it.`;
    case SQLSTATE.undefinedObject:
      return `${at} Correct the settings after the ? in DATABASE_URL.`;
    case SQLSTATE.undefinedTable:
    case SQLSTATE.duplicateTable:
    case SQLSTATE.duplicateObject:
    case SQLSTATE.undefinedColumn:
      return `${at} The database contains tables or types that this program did not create, or that were modified. Set DATABASE_URL to a database of its own.`;
    default:
      if (databaseFailureOf(error)) return `${at} Start again when it is available (${code}), or see its log.`;
      return `${at} Its schema cannot be migrated (${code}); see PostgreSQL's documentation of this code.`;
  }
}

/** Returns PostgreSQL's error, or the one that `error` wraps. */
function postgresErrorOf(error: unknown): postgres.PostgresError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof postgres.PostgresError) return current;
  }
  return undefined;
}

function isOfConnection(error: Error): boolean {
  if ("syscall" in error) return error.syscall === "connect" || error.syscall === "getaddrinfo";
  return causeCode(error) === "AUTH_TYPE_NOT_IMPLEMENTED";
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

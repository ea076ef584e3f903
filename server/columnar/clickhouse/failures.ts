import { AppError, causeCode } from "@/server/lib/errors";

/** Error codes of ClickHouse (src/Common/ErrorCodes.cpp). */
const CODES = {
  denied: ["192", "193", "194", "516"],
  privilege: ["164", "291", "497"],
  database: ["81"],
  store: ["210", "499", "1000", "1001"],
  memory: ["241"],
  time: ["159", "160"],
  rows: ["158", "307"],
} as const;

/** The address of the server, for messages. */
export interface Server {
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

/**
 * The error of a failed query. The message of ClickHouse, with SQL, is only in its cause.
 * @param secrets texts that are removed from it
 */
export function clickhouseError(error: unknown, server: Server, secrets: readonly string[] = []): AppError {
  const { host, user, database } = server;
  const message = secrets.reduce(
    (text, secret) => (secret === "" ? text : text.replaceAll(secret, "***")),
    messageOf(error),
  );
  const cause = new Error(`ClickHouse: ${message}`);
  const code = codeOf(error);
  const is = (kind: keyof typeof CODES) => code !== undefined && CODES[kind].some((one) => one === code);
  if (code === undefined)
    return new AppError(
      "columnar.server_unreachable",
      { host, reason: causeCode(error) ?? "no answer" },
      { cause, retryAfter: 5 },
    );
  if (is("denied")) return new AppError("columnar.server_denied", { host, user }, { cause });
  if (is("privilege"))
    return new AppError("columnar.server_privilege", { host, user, privilege: privilegeOf(message) }, { cause });
  if (is("database")) return new AppError("columnar.server_database", { host, database }, { cause });
  if (is("store")) return new AppError("columnar.server_store", { host }, { cause, retryAfter: 5 });
  if (is("memory")) return new AppError("columnar.out_of_memory", {}, { cause });
  if (is("time") || is("rows")) return new AppError("query.timeout", {}, { cause });
  return new AppError("server.internal", {}, { cause });
}

/** The privilege that a message asks for, such as `READ ON S3`. */
function privilegeOf(message: string): string {
  return /have the grant (.+?)(?: FOR|\. |\.?$| \()/.exec(message)?.[1] ?? "SELECT";
}

function codeOf(error: unknown): string | undefined {
  // Errors of the client have the name of ClickHouse's code as their type.
  const isFromServer = error instanceof Error && "type" in error && "code" in error;
  return isFromServer ? String(error.code) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

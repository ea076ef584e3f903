import { type JobProblem, jobProblemText } from "@/server/catalog/job-problem";
import { type DatabaseTrouble, SQLSTATE, troubleOf } from "@/server/db/sqlstate";

export type { DatabaseTrouble } from "@/server/db/sqlstate";

/**
 * The one error that services throw on purpose, and the one table that says what each code means to
 * a tRPC client and to an HTTP client.
 */

export const ERROR_CODES = {
  BAD_REQUEST: { http: 400, trpc: "BAD_REQUEST", title: "Bad request" },
  UNAUTHORIZED: { http: 401, trpc: "UNAUTHORIZED", title: "Not signed in" },
  FORBIDDEN: { http: 403, trpc: "FORBIDDEN", title: "Not allowed" },
  NOT_FOUND: { http: 404, trpc: "NOT_FOUND", title: "Not found" },
  METHOD_NOT_ALLOWED: { http: 405, trpc: "METHOD_NOT_SUPPORTED", title: "Method not allowed" },
  CONFLICT: { http: 409, trpc: "CONFLICT", title: "Conflict" },
  PRECONDITION_FAILED: { http: 412, trpc: "PRECONDITION_FAILED", title: "Precondition failed" },
  TOO_LARGE: { http: 413, trpc: "PAYLOAD_TOO_LARGE", title: "Too large" },
  UNSUPPORTED_MEDIA_TYPE: { http: 415, trpc: "UNSUPPORTED_MEDIA_TYPE", title: "Unsupported media type" },
  RANGE_NOT_SATISFIABLE: { http: 416, trpc: "BAD_REQUEST", title: "Range not satisfiable" },
  UNPROCESSABLE: { http: 422, trpc: "UNPROCESSABLE_CONTENT", title: "Value not accepted" },
  TOO_MANY_REQUESTS: { http: 429, trpc: "TOO_MANY_REQUESTS", title: "Too many requests" },
  INTERNAL: { http: 500, trpc: "INTERNAL_SERVER_ERROR", title: "Internal error" },
  UNAVAILABLE: { http: 503, trpc: "SERVICE_UNAVAILABLE", title: "Temporarily unavailable" },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One faulty input: `path` as the caller wrote it (a parameter or a dotted body path). */
export interface FieldProblem {
  path: string;
  message: string;
  /** Where in the value of `path`: how many characters stand before the fault. */
  position?: number;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldProblem[];
  /** Seconds after which a retry makes sense (429 and 503). */
  readonly retryAfter: number | undefined;
  /** Fields that an HTTP answer carries besides. */
  readonly headers: Readonly<Record<string, string>>;
  /** What could not be reached, where that matters to who catches it. */
  readonly away: "queue" | undefined;

  /**
   * By name: Next bundles this class into every route anew, and what the context's queue throws is of the
   * copy that the process started with.
   */
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return value instanceof Error && value.name === "AppError";
  }

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      errors?: FieldProblem[];
      retryAfter?: number;
      headers?: Record<string, string>;
      cause?: unknown;
      away?: "queue";
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
    this.away = options.away;
  }
}

/** The queue's store (Redis) does not answer or refuses: events wait where they are, intake goes the direct way. */
export function queueAwayError(message: string, cause: unknown): AppError {
  return new AppError("UNAVAILABLE", message, { retryAfter: 5, cause, away: "queue" });
}

export function isQueueAway(error: unknown): error is AppError {
  return error instanceof AppError && error.away === "queue";
}

/** Codes of Node.js for a certificate that it does not accept. */
export const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** The error's `code`, its own or that of the error it wraps (Drizzle wraps postgres.js's). */
export function causeCode(error: unknown): string | undefined {
  return errorWithCode(error)?.code;
}

function errorWithCode(error: unknown): (Error & { code: string; syscall?: unknown }) | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (hasCode(current) && !(current instanceof AppError)) return current;
  }
  return undefined;
}

function hasCode(error: Error): error is Error & { code: string } {
  return "code" in error && typeof error.code === "string";
}

/**
 * What troubles PostgreSQL, where `error` says so: then it is not the fault of what was asked, which may be asked
 * again. Requests, the worker and jobs all decide by it.
 */
export function databaseTrouble(error: unknown): DatabaseTrouble | undefined {
  const cause = errorWithCode(error);
  if (!cause || isQueueAway(error)) return undefined;
  // Of a socket, not of a file.
  if (cause.code === "ENOENT") return cause.syscall === "connect" ? "unreachable" : undefined;
  return troubleOf(cause.code);
}

/** Whether PostgreSQL could not be reached or went away in the middle (as opposed to refusing a statement). */
export function isDatabaseUnreachable(error: unknown): boolean {
  const trouble = databaseTrouble(error);
  return trouble === "unreachable" || trouble === "overloaded";
}

/** What callers are told of each trouble, and after how many seconds to come back. */
const TROUBLE_ANSWERS: Readonly<Record<DatabaseTrouble, { problem: JobProblem; retryAfter: number }>> = {
  unreachable: { problem: "database_away", retryAfter: 5 },
  overloaded: { problem: "database_busy", retryAfter: 5 },
  full: { problem: "database_full", retryAfter: 30 },
  read_only: { problem: "database_read_only", retryAfter: 10 },
  faulty: { problem: "database_faulty", retryAfter: 30 },
  denied: { problem: "database_denied", retryAfter: 60 },
  locked: { problem: "locked", retryAfter: 1 },
  conflict: { problem: "database_conflict", retryAfter: 1 },
  cancelled: { problem: "too_slow", retryAfter: 1 },
};

/** Any thrown value as an AppError; what is not known becomes INTERNAL with the cause kept for the log only. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const trouble = databaseTrouble(error);
  if (trouble) {
    const { problem, retryAfter } = TROUBLE_ANSWERS[trouble];
    return new AppError("UNAVAILABLE", jobProblemText(problem), { retryAfter, cause: error });
  }
  if (causeCode(error) === SQLSTATE.characterNotInRepertoire) {
    return new AppError("UNPROCESSABLE", "A text holds a NUL character, which nothing stored here has.", {
      cause: error,
    });
  }
  return new AppError("INTERNAL", "Something went wrong on our side. The log holds the details.", { cause: error });
}

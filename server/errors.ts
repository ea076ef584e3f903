import { jobProblemText } from "@/server/catalog/job-problem";

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

const UNREACHABLE_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "53300", // too_many_connections
  "08000",
  "08003",
  "08006",
  "08001",
]);

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

/** Whether PostgreSQL could not be reached or went away in the middle (as opposed to refusing a statement). */
export function isDatabaseAway(error: unknown): boolean {
  const cause = errorWithCode(error);
  if (!cause || isQueueAway(error)) return false;
  // Of a socket, not of a file.
  if (cause.code === "ENOENT") return cause.syscall === "connect";
  return UNREACHABLE_CODES.has(cause.code);
}

/** Whether PostgreSQL has no room left for what it was to store. */
export function isDatabaseFull(error: unknown): boolean {
  return causeCode(error) === "53100";
}

/** Any thrown value as an AppError; what is not known becomes INTERNAL with the cause kept for the log only. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError("UNAVAILABLE", jobProblemText("database_away"), {
      retryAfter: 5,
      cause: error,
    });
  }
  if (isDatabaseFull(error)) {
    return new AppError("UNAVAILABLE", jobProblemText("database_full"), {
      retryAfter: 30,
      cause: error,
    });
  }
  if (causeCode(error) === "57014") {
    return new AppError("UNAVAILABLE", jobProblemText("too_slow"), {
      retryAfter: 1,
      cause: error,
    });
  }
  if (causeCode(error) === "22021") {
    return new AppError("UNPROCESSABLE", "A text holds a NUL character, which nothing stored here has.", {
      cause: error,
    });
  }
  if (causeCode(error) === "55P03") {
    return new AppError("UNAVAILABLE", jobProblemText("locked"), {
      retryAfter: 1,
      cause: error,
    });
  }
  return new AppError("INTERNAL", "Something went wrong on our side. The log holds the details.", { cause: error });
}

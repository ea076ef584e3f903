import type { z } from "zod";
import {
  ERRORS,
  type ErrorCode,
  type ErrorKind,
  type ErrorParams,
  type ErrorValue,
  errorValue,
  type FieldError,
} from "@/server/catalog/errors";
import { type DatabaseFailure, failureOf, SQLSTATE } from "@/server/db/sqlstate";
import { renderRefusal } from "./error-text";

export type { DatabaseFailure } from "@/server/db/sqlstate";

interface AppErrorOptions {
  errors?: readonly FieldError[];
  retryAfter?: number;
  headers?: Record<string, string>;
  cause?: unknown;
  /** Overrides the code's kind. */
  kind?: ErrorKind;
}

/** The error that services throw deliberately: a code of the list with its params. Its message is for logs. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly params: ErrorValue["params"];
  readonly errors: readonly FieldError[];
  /** Seconds after which the caller may retry (429 and 503). */
  readonly retryAfter: number | undefined;
  /** Additional headers of the HTTP response. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * Compares by name: Next bundles this class into every route, while the queue of the context throws the copy that the
   * process started with.
   */
  static override [Symbol.hasInstance](value: unknown): value is AppError {
    return value instanceof Error && value.name === "AppError";
  }

  constructor(code: Code, params: ErrorParams<Code>, options: AppErrorOptions = {}) {
    const { errors = [], cause } = options;
    super(renderRefusal({ code, params, errors }), cause === undefined ? undefined : { cause });
    this.name = "AppError";
    this.kind = options.kind ?? ERRORS[code].kind;
    this.code = code;
    this.params = params;
    this.errors = errors;
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
  }
}

/** Restores an error that was stored or received from another thread. */
export function appErrorOf({ code, params }: ErrorValue, options: AppErrorOptions = {}): AppError {
  const schema: z.ZodType<ErrorParams<typeof code>> = ERRORS[code].params;
  return new AppError(code, schema.parse(params), options);
}

/**
 * Returns the part of an error that is stored. For an invalid request, this is the error of the first invalid field.
 */
export function toErrorValue({ code, params, errors: [first] }: AppError): ErrorValue {
  if (code !== "request.invalid" || !first) return { code, params };
  return errorValue("request.invalid_field", { path: first.path, reason: { code: first.code, params: first.params } });
}

/** Creates the error of one input. @param position of the error in characters from the start */
export function fieldError<Code extends ErrorCode>(
  path: string,
  code: Code,
  params: ErrorParams<Code>,
  position?: number,
): FieldError {
  return { path, ...errorValue(code, params), ...(position !== undefined && { position }) };
}

/** More errors would produce a response of thousands of lines. */
export const MAX_PROBLEMS = 100;

/** Creates the error of a request with invalid inputs. It names the first hundred. */
export function invalidInput(errors: readonly FieldError[]): AppError {
  return new AppError("request.invalid", {}, { errors: errors.slice(0, MAX_PROBLEMS) });
}

/**
 * Returns whether the queue's store (Redis) is unreachable or rejects requests. Queued events remain there, and intake
 * stores new ones directly.
 */
export function isQueueUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith("queue.");
}

/** Returns whether the file store caused the error, whose connection errors are not those of PostgreSQL. */
function isFilesError(error: unknown): boolean {
  return error instanceof AppError && error.code.startsWith("files.");
}

/** Error codes of Node.js for untrusted certificates. */
export const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** Returns the error's `code`, its own or that of the error it wraps (Drizzle wraps postgres.js errors). */
export function causeCode(error: unknown): string | undefined {
  return errorWithCode(error)?.code;
}

/** Error codes of a disk without space for a file. */
export const NO_ROOM_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Returns the code of a file system error, such as EROFS; undefined for all other errors. */
export function fileErrorCode(error: unknown): string | undefined {
  if (error instanceof AppError || isDatabaseUnreachable(error)) return undefined;
  const cause = errorWithCode(error);
  return cause?.syscall !== undefined && /^E[A-Z]+$/.test(cause.code) ? cause.code : undefined;
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
 * Returns PostgreSQL's failure if it caused `error`. The statement is then not at fault and can be
 * retried. Used by requests, the worker and jobs.
 */
export function databaseFailureOf(error: unknown): DatabaseFailure | undefined {
  const cause = errorWithCode(error);
  if (!cause || isQueueUnavailable(error) || isFilesError(error)) return undefined;
  // Concerns a socket rather than a file.
  if (cause.code === "ENOENT") return cause.syscall === "connect" ? "unreachable" : undefined;
  return failureOf(cause.code);
}

/** Returns whether PostgreSQL was unreachable or the connection was lost, as opposed to rejecting a statement. */
export function isDatabaseUnreachable(error: unknown): boolean {
  const failure = databaseFailureOf(error);
  return failure === "unreachable" || failure === "overloaded";
}

/** The error of each failure, and the seconds after which to retry. */
const FAILURES: Readonly<
  Record<DatabaseFailure, readonly [code: `database.${string}` & ErrorCode, retryAfter: number]>
> = {
  unreachable: ["database.unreachable", 5],
  overloaded: ["database.overloaded", 5],
  full: ["database.disk_full", 30],
  read_only: ["database.read_only", 10],
  faulty: ["database.storage_fault", 30],
  denied: ["database.permission_denied", 60],
  locked: ["database.locked", 1],
  conflict: ["database.conflict", 1],
  cancelled: ["database.query_cancelled", 1],
};

/** Converts any thrown value to an AppError. An unknown one becomes INTERNAL, with its cause for the log only. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const failure = databaseFailureOf(error);
  if (failure) {
    const [code, retryAfter] = FAILURES[failure];
    return new AppError(code, {}, { retryAfter, cause: error });
  }
  return new AppError(unstorableText(error) ?? "server.internal", {}, { cause: error });
}

/** Why PostgreSQL cannot store a text. JSON.stringify returns invalid JSON only for a lone surrogate. */
function unstorableText(error: unknown): "request.nul_character" | "request.lone_surrogate" | undefined {
  const cause = errorWithCode(error);
  switch (cause?.code) {
    case SQLSTATE.characterNotInRepertoire:
    case SQLSTATE.untranslatableCharacter:
      return "request.nul_character";
    case SQLSTATE.invalidTextRepresentation:
      return "routine" in cause && /^json_/.test(String(cause.routine)) ? "request.lone_surrogate" : undefined;
    default:
      return undefined;
  }
}

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
import { type DatabaseTrouble, SQLSTATE, troubleOf } from "@/server/db/sqlstate";
import { renderRefusal } from "./error-text";

export type { DatabaseTrouble } from "@/server/db/sqlstate";

interface AppErrorOptions {
  errors?: readonly FieldError[];
  retryAfter?: number;
  headers?: Record<string, string>;
  cause?: unknown;
  /** Another kind than the code's own. */
  kind?: ErrorKind;
}

/** The one error that services throw on purpose: a code of the list with its params. Its message is for logs. */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly params: ErrorValue["params"];
  readonly errors: readonly FieldError[];
  /** Seconds after which a retry makes sense (429 and 503). */
  readonly retryAfter: number | undefined;
  /** Fields that an HTTP answer carries besides. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * By name: Next bundles this class into every route anew, and what the context's queue throws is of the
   * copy that the process started with.
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

/** An error that was read back, such as one of another thread. */
export function appErrorOf({ code, params }: ErrorValue, options: AppErrorOptions = {}): AppError {
  const schema: z.ZodType<ErrorParams<typeof code>> = ERRORS[code].params;
  return new AppError(code, schema.parse(params), options);
}

/** What is stored of an error. */
export function toErrorValue({ code, params }: AppError): ErrorValue {
  return { code, params };
}

/** One input and why it is refused. @param position how many characters of it come before the fault */
export function fieldError<Code extends ErrorCode>(
  path: string,
  code: Code,
  params: ErrorParams<Code>,
  position?: number,
): FieldError {
  return { path, ...errorValue(code, params), ...(position !== undefined && { position }) };
}

/** A request with inputs that are refused. */
export function invalidInput(errors: readonly FieldError[]): AppError {
  return new AppError("request.invalid", {}, { errors });
}

/** Whether the queue's store (Redis) does not answer or refuses: events wait where they are, intake goes the direct way. */
export function isQueueUnavailable(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith("queue.");
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
  if (!cause || isQueueUnavailable(error)) return undefined;
  // Of a socket, not of a file.
  if (cause.code === "ENOENT") return cause.syscall === "connect" ? "unreachable" : undefined;
  return troubleOf(cause.code);
}

/** Whether PostgreSQL could not be reached or went away in the middle (as opposed to refusing a statement). */
export function isDatabaseUnreachable(error: unknown): boolean {
  const trouble = databaseTrouble(error);
  return trouble === "unreachable" || trouble === "overloaded";
}

/** What callers learn of each trouble, and after how many seconds to try again. */
const TROUBLES: Readonly<
  Record<DatabaseTrouble, readonly [code: `database.${string}` & ErrorCode, retryAfter: number]>
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

/** Any thrown value as an AppError; what is not known becomes INTERNAL with the cause for the log only. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const trouble = databaseTrouble(error);
  if (trouble) {
    const [code, retryAfter] = TROUBLES[trouble];
    return new AppError(code, {}, { retryAfter, cause: error });
  }
  if (causeCode(error) === SQLSTATE.characterNotInRepertoire) {
    return new AppError("request.nul_character", {}, { cause: error });
  }
  return new AppError("server.internal", {}, { cause: error });
}

import type { ErrorValue, FieldError } from "@/server/catalog/errors";
import { AppError, appErrorOf, causeCode } from "@/server/lib/errors";
import type { WrittenExport } from "./write-export";

/** A message of the thread: its progress, then its result. */
export type ThreadMessage =
  | { readonly rows: number }
  | { readonly written: WrittenExport }
  | { readonly failure: ThreadFailure };

/** An error in a form that structured clone preserves; an Error would lose its code. */
export interface ThreadFailure {
  readonly message: string;
  readonly stack: string | undefined;
  /** The code of the cause, a SQLSTATE or system error. */
  readonly causeCode: string | undefined;
  readonly app: {
    readonly code: ErrorValue["code"];
    readonly params: ErrorValue["params"];
    readonly errors: readonly FieldError[];
    readonly retryAfter: number | undefined;
  } | null;
}

export function packFailure(error: unknown): ThreadFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const app =
    error instanceof AppError
      ? {
          code: error.code,
          params: error.params,
          errors: error.errors,
          retryAfter: error.retryAfter,
        }
      : null;
  return { message, stack, causeCode: causeCode(error), app };
}

export function unpackFailure({ message, stack, causeCode, app }: ThreadFailure): Error {
  const plain = Object.assign(new Error(message), { stack, ...(causeCode === undefined ? {} : { code: causeCode }) });
  if (!app) return plain;
  const { errors, retryAfter, ...error } = app;
  return appErrorOf(error, { errors, retryAfter, cause: plain });
}

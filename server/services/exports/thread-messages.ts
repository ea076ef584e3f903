import { AppError, causeCode, type ErrorCode, type FieldProblem } from "@/server/lib/errors";
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
    readonly code: ErrorCode;
    readonly errors: FieldProblem[];
    readonly retryAfter: number | undefined;
  } | null;
}

export function packFailure(error: unknown): ThreadFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const app =
    error instanceof AppError ? { code: error.code, errors: error.errors, retryAfter: error.retryAfter } : null;
  return { message, stack, causeCode: causeCode(error), app };
}

export function unpackFailure({ message, stack, causeCode, app }: ThreadFailure): Error {
  const plain = Object.assign(new Error(message), { stack, ...(causeCode === undefined ? {} : { code: causeCode }) });
  if (!app) return plain;
  return new AppError(app.code, message, { errors: app.errors, retryAfter: app.retryAfter, cause: plain });
}

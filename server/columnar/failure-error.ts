import { AppError } from "@/server/lib/errors";
import type { EngineFailure } from "./messages";

/** The error of a failed statement. DuckDB's message, with paths and SQL, is only in its cause. */
export function failureError({ kind, message }: EngineFailure): AppError {
  const cause = new Error(`DuckDB: ${message}`);
  if (kind === "statement") return new AppError("server.internal", {}, { cause });
  return new AppError(`columnar.${kind}`, {}, { cause, ...(kind === "engine_failed" && { retryAfter: 1 }) });
}

export function engineFailed(reason: string): AppError {
  return failureError({ kind: "engine_failed", message: reason });
}

import { AppError, fileErrorCode, NO_ROOM_CODES } from "@/server/lib/errors";
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

/** The error of a folder for temporary files that cannot be written. */
export function folderError(error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === undefined) return error;
  const kind = NO_ROOM_CODES.has(code) ? "no_temporary_space" : "engine_failed";
  return failureError({ kind, message: `the folder for temporary files: ${code}` });
}

import { AppError } from "@/server/lib/errors";
import type { EngineFailure, FailureKind } from "./messages";

/** DuckDB 1.5's messages. The first pattern that matches determines the kind. */
const PATTERNS: readonly (readonly [RegExp, FailureKind])[] = [
  [/^FATAL Error|^INTERNAL Error|database has been invalidated/, "engine_failed"],
  [/max_temp_directory_size|No space left on device|Disk quota exceeded|File too large/, "no_temporary_space"],
  [/^Out of Memory Error|bad allocation|bad_alloc/i, "out_of_memory"],
  [
    /^IO Error: (No files found|Cannot open file|Could not (open|read))|No such file or directory|No magic bytes found|too small to be a Parquet file|TProtocolException|Failed to read file|Decompression failure|decompress|corrupt|not a (valid )?Parquet|^Invalid Error: (don't know what type|Unexpected|Invalid)|(page|footer|metadata).* (out of (range|bounds)|exceed|invalid)/i,
    "file_damaged",
  ],
];

/** Classifies an error of DuckDB by its message; it has no code. */
export function classify(message: string): EngineFailure {
  const [, kind = "statement"] = PATTERNS.find(([pattern]) => pattern.test(message)) ?? [];
  return { kind, message };
}

/** The error of a failed statement. DuckDB's message, with paths and SQL, is only in its cause. */
export function failureError({ kind, message }: EngineFailure): AppError {
  const cause = new Error(`DuckDB: ${message}`);
  if (kind === "statement") return new AppError("server.internal", {}, { cause });
  return new AppError(`columnar.${kind}`, {}, { cause, ...(kind === "engine_failed" && { retryAfter: 1 }) });
}

export function engineFailed(reason: string): AppError {
  return failureError({ kind: "engine_failed", message: reason });
}

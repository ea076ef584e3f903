import type { EngineFailure, FailureKind } from "./messages";

/**
 * DuckDB 1.5's messages. The first pattern that matches determines the kind. Those of damaged files were collected by
 * reading Parquet files in which random bytes had been replaced.
 */
const PATTERNS: readonly (readonly [RegExp, FailureKind])[] = [
  [/^FATAL Error|^INTERNAL Error|database has been invalidated/, "engine_failed"],
  [/max_temp_directory_size|No space left on device|Disk quota exceeded|File too large/, "no_temporary_space"],
  [/^Out of Memory Error|bad_alloc|bad allocation/, "out_of_memory"],
  [/^Invalid Error: |^IO Error: (?!.*\b(write|create|sync|remove|move)\b)/i, "file_damaged"],
  [/^Invalid Input Error: .*\bfile ['"]/i, "file_damaged"],
];

/** Classifies an error of DuckDB by its message; it has no code. */
export function classify(message: string): EngineFailure {
  const [, kind = "statement"] = PATTERNS.find(([pattern]) => pattern.test(message)) ?? [];
  return { kind, message };
}

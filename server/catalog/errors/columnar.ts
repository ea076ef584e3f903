import { count, failure } from "./define";

/** Errors of queries of Parquet files. */
export const columnarErrors = {
  "columnar.engine_failed": failure("UNAVAILABLE"),
  "columnar.unavailable": failure("UNAVAILABLE"),
  "columnar.out_of_memory": failure("UNPROCESSABLE"),
  "columnar.no_temporary_space": failure("UNAVAILABLE"),
  "columnar.file_damaged": failure("UNAVAILABLE"),
  "columnar.segment_damaged": failure("UNAVAILABLE"),
  "columnar.no_cache_space": failure("UNAVAILABLE"),
  "columnar.files_not_fetched": failure("UNAVAILABLE"),
  "columnar.too_many_rows": failure("UNPROCESSABLE", { max: count }),
} as const;

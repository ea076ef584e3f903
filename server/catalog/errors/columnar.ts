import { count, failure, text } from "./define";

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
  // Those of the server in EXPLORE_URL.
  "columnar.server_unreachable": failure("UNAVAILABLE", { host: text, reason: text }),
  "columnar.server_denied": failure("UNAVAILABLE", { host: text, user: text }),
  "columnar.server_privilege": failure("UNAVAILABLE", { host: text, user: text, privilege: text }),
  "columnar.server_database": failure("UNAVAILABLE", { host: text, database: text }),
  "columnar.server_store": failure("UNAVAILABLE", { host: text }),
  "columnar.server_version": failure("UNAVAILABLE", { host: text, version: text, required: text }),
} as const;

import { failure } from "./define";

/** Errors of queries of Parquet files. */
export const columnarErrors = {
  "columnar.segment_damaged": failure("UNAVAILABLE"),
} as const;

/** Settings of each query. They are those of standard SQL where ClickHouse differs, and limits. */
export function querySettings({ memoryBytes }: { readonly memoryBytes: number }): Record<string, string | number> {
  return {
    // Standard SQL.
    prefer_column_name_to_alias: 1,
    group_by_use_nulls: 1,
    join_use_nulls: 1,
    cast_keep_nullable: 1,
    aggregate_functions_null_for_empty: 0,
    union_default_mode: "ALL",
    // Values of results.
    date_time_output_format: "iso",
    output_format_json_quote_64bit_integers: 0,
    output_format_json_quote_decimals: 0,
    output_format_json_escape_forward_slashes: 0,
    // Nothing between commas is null, and a quoted empty text is empty.
    format_csv_null_representation: "",
    input_format_csv_empty_as_default: 0,
    date_time_input_format: "best_effort",
    // Results are small. As a whole, a failure is never a shorter answer.
    wait_end_of_query: 1,
    // Version 26.7 fails on some conditions that it evaluates while it reads Parquet ("Not found column").
    optimize_move_to_prewhere: 0,
    // Limits.
    max_memory_usage: memoryBytes,
    max_execution_time: 11 * 60,
    max_rows_to_read: 20_000_000_000,
    s3_retry_attempts: 3,
    s3_connect_timeout_ms: 2_000,
    s3_request_timeout_ms: 10_000,
    // Last: it forbids changes, also of settings in statements.
    readonly: 2,
  };
}

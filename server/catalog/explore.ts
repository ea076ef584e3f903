/** What queries of log rows compute. Pure data: safe to import in the browser. */
export const MEASURE_FUNCTIONS = [
  "count",
  "distinct",
  "sum",
  "avg",
  "min",
  "max",
  "p50",
  "p90",
  "p95",
  "p99",
  "error_rate",
] as const;
export type MeasureFunction = (typeof MEASURE_FUNCTIONS)[number];

/** By what of a measure groups are ranked: its value, or its change since the previous period. */
export const ORDERS = ["value", "change"] as const;
export type Order = (typeof ORDERS)[number];

/** The widths of time buckets; `auto` fits the time range. */
export const INTERVALS = ["auto", "1m", "5m", "1h", "1d", "1w", "1M"] as const;
export type Interval = (typeof INTERVALS)[number];

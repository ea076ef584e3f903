import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { INTERVALS, MEASURE_FUNCTIONS, ORDERS } from "@/server/catalog/explore";
import { instant, wholeNumber } from "@/server/lib/contract";

const field = z.string().min(1).max(1_000);

const measure = z.strictObject({
  fn: z.enum(MEASURE_FUNCTIONS),
  field: field.optional().describe("What is measured, as in filter expressions. Not for count and error_rate"),
});
export type Measure = z.infer<typeof measure>;

/** The rows that count: as those of a list, but of a log table. */
const selection = {
  table: z.enum(LOG_TABLE_NAMES),
  filter: z.string().max(10_000).optional().describe("A filter expression (docs/filters.md)"),
  filters: z
    .record(z.string(), z.string())
    .optional()
    .describe("Further filters, named like the parameters of the list"),
  include_archived: z.boolean().default(false),
};

export const exploreQuery = z.strictObject({
  ...selection,
  start_date: z.string().optional().describe("Inclusive start; by default that of the oldest row"),
  end_date: z.string().optional().describe("Inclusive end, to its own precision; by default now"),
  time_zone: z
    .string()
    .max(100)
    .optional()
    .describe("IANA name, for intervals, hour_of_day and weekday. By default TIME_ZONE"),
  measures: z
    .array(measure)
    .min(1)
    .max(10)
    .default([{ fn: "count" }]),
  group_by: z
    .array(field)
    .max(3)
    .default([])
    .describe(
      "Fields as in filter expressions: columns, derived fields, details.PATH; and ip_block (/24 of IPv4, /64 of IPv6), hour_of_day (0 to 23), weekday (1 for Monday to 7)",
    ),
  interval: z.enum(INTERVALS).nullable().default(null).describe("The width of time buckets; null for one value each"),
  order_by: z
    .strictObject({
      measure: wholeNumber(0, 9),
      direction: z.enum(["asc", "desc"]),
      by: z
        .enum(ORDERS)
        .optional()
        .describe("`change`: by the change since the previous period, as a share; groups without one are last"),
    })
    .default({ measure: 0, direction: "desc" })
    .describe("How groups are ranked: by the measure of this index over the whole period"),
  limit: wholeNumber(1, 1_000).default(10).describe("The number of groups that are listed; the rest are `others`"),
  compare: z
    .enum(["previous"])
    .nullable()
    .default(null)
    .describe("Adds each measure for the period of the same length just before"),
  allow_slow: z
    .boolean()
    .default(false)
    .describe(
      "Runs a query that is expected to take more than 10 seconds, which is refused with query.expected_slow otherwise",
    ),
});
/** As services accept it. */
export type ExploreQuery = z.infer<typeof exploreQuery>;
/** As clients send it. */
export type ExploreInput = z.input<typeof exploreQuery>;

/** Times as Instants, percentages as shares from 0 to 1; null if there is no value. */
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type ExploreValue = z.infer<typeof value>;

const column = z.object({
  name: z.string().describe("`time`, a field of group_by, or a measure such as `p95(response_time)`"),
  type: z.enum(["time", "text", "number", "share"]),
  role: z.enum(["time", "group", "measure", "before"]).describe("`before`: the measure of the previous period"),
});
export type ExploreColumn = z.infer<typeof column>;

export const exploreAnswer = z.object({
  columns: z
    .array(column)
    .describe("With an interval, the time first; then the groups; then each measure, followed by its `before`"),
  rows: z
    .array(z.array(value))
    .describe(
      "The listed groups in order. With an interval, each bucket of each group that has rows, by time, then in the order of the groups",
    ),
  others: z.array(value).nullable().describe("The measures of all groups that are not listed; null if all are"),
  others_by_time: z
    .array(z.array(value))
    .nullable()
    .describe("With an interval: the time and the measures of the other groups in each bucket that has rows"),
  totals: z.array(value).describe("The measures of all matching rows"),
  group_count: z.int().nullable().describe("The number of all groups; null without group_by"),
  start: instant,
  end: instant.describe("Exclusive end"),
  before_start: instant.nullable().describe("The start of the previous period, which ends at `start`"),
  interval: z.enum(INTERVALS).exclude(["auto"]).nullable().describe("The width of buckets that was chosen"),
  as_of: instant.describe("The moment at which the rows were read"),
  is_exact: z.literal(true),
  is_cached: z.boolean(),
  rows_matched: z.int(),
  duration_ms: z.int(),
});
export type ExploreAnswer = z.infer<typeof exploreAnswer>;

const period = z.strictObject({
  start: z.string(),
  end: z.string().describe("Exclusive end"),
});

export const changesQuery = z.strictObject({
  ...selection,
  window: period.describe("What is to be explained"),
  baseline: period
    .nullable()
    .default(null)
    .describe("What it is compared with. By default the period of the same length just before"),
});
export type ChangesQuery = z.infer<typeof changesQuery>;

const finding = z.object({
  kind: z
    .enum(["rows", "errors", "slow"])
    .describe("Which rows have the value more often: all, those with an error status, or those slower than before"),
  field: z.string(),
  value: z.string().nullable(),
  share_now: z.number().describe("The share of these rows in the window that have the value"),
  share_before: z.number(),
  rows_now: z.int(),
  rows_before: z.int(),
  score: z.number().describe("Findings are ordered by it, highest first"),
  rows_filter: z
    .string()
    .nullable()
    .describe("The filter expression of the rows that are meant, such as `status_code:5xx`; null for all rows"),
  also: z
    .array(z.object({ field: z.string(), value: z.string().nullable() }))
    .describe("Other values that stand out because of the same rows"),
});
export type Finding = z.infer<typeof finding>;

export const changesAnswer = z.object({
  findings: z.array(finding).describe("Empty if nothing stands out"),
  rows_now: z.int(),
  rows_before: z.int(),
  baseline: z.object({ start: instant, end: instant }).describe("The period that was compared; the end is exclusive"),
  as_of: instant,
});
export type ChangesAnswer = z.infer<typeof changesAnswer>;

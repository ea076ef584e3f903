import { z } from "zod";
import { mapLogTables } from "@/server/catalog";
import { count, instant } from "@/server/lib/contract";
import { inputIssue } from "@/server/lib/parse";
import { JOB_KINDS } from "@/server/services/jobs/contract";
import { disk } from "@/server/services/metrics/contract";

/** Milliseconds since 1970; `to` is exclusive. Null for all time. */
export const overviewRange = z
  .strictObject({ from: z.number(), to: z.number() })
  .refine(({ from, to }) => from < to, { ...inputIssue("input.range_order", {}), path: ["end"] })
  .nullable();
export type OverviewRange = z.infer<typeof overviewRange>;

/** The widths of a chart's points, finest first. */
export const STEPS = [
  "minute",
  "slot",
  "15m",
  "30m",
  "hour",
  "3h",
  "6h",
  "12h",
  "day",
  "2d",
  "week",
  "month",
  "quarter",
  "year",
  "decade",
] as const;
const step = z.enum(STEPS).describe("slot: five minutes");
export type Step = z.infer<typeof step>;

const period = { at: instant, end: instant.describe("Exclusive") };
const value = z.number().nullable();
const byTable = z.object(mapLogTables(() => value));

/** The metrics of a period; null without data. */
const queuePoint = z.object({
  ...period,
  inserted: value.describe("Events per second, like the next three"),
  duplicates: value,
  dead: value,
  dropped: value,
  failure_rate: value.describe("0 to 1"),
  queue_length: byTable.describe("Peak"),
  oldest_age_seconds: value,
});
export type QueuePoint = z.infer<typeof queuePoint>;

const servicePoint = z.object({
  ...period,
  request_p95: value.describe("Seconds"),
  batch_p95: value.describe("Seconds"),
  cache_hit_rate: value,
  connections: value,
  longest_query_seconds: value,
});
export type ServicePoint = z.infer<typeof servicePoint>;

const storagePoint = z.object({
  ...period,
  table_bytes: byTable.describe("Bytes of rows and indexes"),
  disk_used: value.describe("0 to 1, of the fuller disk"),
});
export type StoragePoint = z.infer<typeof storagePoint>;

/** Points over time. */
export interface Series<Point> {
  readonly step: Step;
  readonly points: readonly Point[];
}

const callTiming = z.object({
  name: z.string().describe("Such as `trpc logs.list`, `rest GET /{table}`, `batch access_logs`"),
  calls: count,
  mean: z.number().describe("Seconds, like the next two"),
  p95: z.number(),
  longest: z.number(),
});
const jobTiming = z.object({
  kind: z.enum(JOB_KINDS),
  runs: count,
  mean: z.number().describe("Seconds"),
  longest: z.number().describe("Seconds"),
});
export type JobTiming = z.infer<typeof jobTiming>;
const timings = z.object({
  calls: z.array(callTiming).describe("Requests and batches, slowest first"),
  jobs: z.array(jobTiming),
});
export type Timings = z.infer<typeof timings>;

const trafficPoint = z.object({
  ...period,
  requests: count,
  classes: z.record(z.string(), count).describe("Requests by class, such as `2xx`; other requests have no status"),
  p50: value.describe("Milliseconds; null when no request had a duration"),
  p95: value,
  activities: count,
  users: value.describe(
    "Distinct users of requests or of activities, whichever is greater, in the hour or day of the step that has most; null for steps that are shorter or longer than those of hours and days",
  ),
});
export type TrafficPoint = z.infer<typeof trafficPoint>;

const topValue = z.object({
  value: z.string(),
  rows: count,
  mean_time: value.describe("Milliseconds"),
  longest_time: value,
});
export type TopValue = z.infer<typeof topValue>;
const topValues = z.object({
  values: z.array(topValue),
  none: count.describe("Rows without a value"),
  others: count.describe("Rows whose value is not among `values`; all three together are all rows"),
  distinct: count,
  is_lower_bound: z
    .boolean()
    .describe("Some hours or days exceeded the stored maximum, so that the figures are lower bounds"),
});
export type TopValues = z.infer<typeof topValues>;

const totals = z.object({
  requests: count,
  failed: count.describe("Requests with a status of 500 to 599"),
  p50: value.describe("Milliseconds"),
  p95: value,
  activities: count,
});
export type TrafficTotals = z.infer<typeof totals>;

const previous = z.object({
  totals: totals.describe("Of as much of the period before as has passed of the range"),
  points: z
    .array(z.object({ requests: count, failed: count, p95: value, activities: count }))
    .describe("By the steps of the period before, one for each point"),
});
export type PreviousTraffic = z.infer<typeof previous>;

const traffic = z.object({
  is_empty: z.boolean().describe("Whether no row was ever stored"),
  totals,
  previous: previous.nullable().describe("The period of the same length before; null for all time"),
  step,
  points: z.array(trafficPoint),
  requests: count,
  lists_by: z
    .enum(["hour", "day", "2d", "week", "month", "quarter", "year", "decade"])
    .describe("The unit of the lists, which count whole units"),
  paths: topValues,
  slowest: z.array(topValue),
  users: topValues,
  regions: topValues,
  actions: topValues,
  dirty_hours: count.describe(
    "Hours of the range whose rows changed and that are not recounted yet, without the current hour",
  ),
});
export type Traffic = z.infer<typeof traffic>;

export const filteredRange = z.strictObject({
  range: overviewRange,
  filters: z.record(z.string(), z.string()).describe("Filters of the table, named like the parameters of its list"),
});

/** The requests that match filters. */
const filteredTraffic = traffic
  .pick({ step: true, requests: true, paths: true, slowest: true, users: true, regions: true })
  .extend({ points: z.array(trafficPoint.omit({ activities: true, users: true })) });
export type FilteredTraffic = z.infer<typeof filteredTraffic>;

/** The activities that match filters. */
const filteredActivities = traffic
  .pick({ step: true, actions: true })
  .extend({ points: z.array(trafficPoint.pick({ at: true, end: true, activities: true, users: true })) });
export type FilteredActivities = z.infer<typeof filteredActivities>;

/** A forecast based on current trends. */
const forecast = z.object({
  rows_per_day: value.describe(
    "Rows by the time of their events, over the last 7 days or since the first; null in the first hour",
  ),
  disk: disk.describe("The disk of the following figures: the one that fills up first, else the fuller one"),
  days_until_disk_full: value.describe(
    "Days until the disk reaches its alert threshold; null if it is not filling, or unknown",
  ),
  disk_is_predicted: z
    .boolean()
    .describe("False in the first day of metrics: a few hours of an initial import predict nothing"),
  disk_used: z.number().describe("0 to 1"),
  disk_free_bytes: z.number(),
  disk_limit: z.number().describe("Share at which the disk counts as full"),
  database_growth: value.describe("Bytes per day; null without enough data"),
});
export type Forecast = z.infer<typeof forecast>;

const tableGrowth = z.object({
  bytes_per_day: value.describe("Growth of rows and indexes; null without enough data"),
  rows_per_day: value,
});
export type TableGrowth = z.infer<typeof tableGrowth>;

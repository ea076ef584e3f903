import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { count, instant } from "@/server/lib/contract";

export const tableKey = z.strictObject({ name: z.enum(LOG_TABLE_NAMES) });

/** The statistics of a log table. Sizes are in bytes. */
export const tableStats = z.object({
  table_name: z.string(),
  row_count: count,
  row_count_is_exact: z
    .boolean()
    .describe("False above 50,000 rows; the count is then estimated from PostgreSQL's statistics"),
  total_bytes: count,
  table_bytes: count,
  index_bytes: count,
  oldest: instant.nullable(),
  newest: instant.nullable(),
  dead_rows: count,
  last_vacuum: instant.nullable(),
  last_analyze: instant.nullable(),
  indexes: z
    .array(
      z.object({
        name: z.string(),
        bytes: count,
        scans: count,
        unused: z
          .boolean()
          .describe("Whether it was not scanned in a week of measurements, without a reset of statistics"),
        is_required: z
          .boolean()
          .describe("Whether the product itself needs it, for filters or to detect duplicates: it must not be dropped"),
      }),
    )
    .describe("Figures of a partitioned index are summed over its partitions"),
  statistics_reset_at: instant.nullable().describe("When PostgreSQL last started to count scans; null if never reset"),
  partitions: z.array(z.object({ name: z.string(), from: instant, to: instant, row_count: count, bytes: count })),
});
export type TableStats = z.infer<typeof tableStats>;

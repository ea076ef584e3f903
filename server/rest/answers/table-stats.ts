import { z } from "zod";
import type { TableStats } from "@/server/services/tables";
import { instant } from "./instant";

const amount = z.int().min(0);

/** The answer to GET /table-stats/TABLE. */
export const tableStatsAnswer = z.object({
  table_name: z.string(),
  row_count: amount,
  row_count_is_exact: z.boolean(),
  total_bytes: amount,
  table_bytes: amount,
  index_bytes: amount,
  oldest: instant.nullable(),
  newest: instant.nullable(),
  dead_rows: amount,
  last_vacuum: instant.nullable(),
  last_analyze: instant.nullable(),
  indexes: z.array(z.object({ name: z.string(), bytes: amount, scans: amount, unused: z.boolean() })),
  partitions: z.array(z.object({ name: z.string(), from: instant, to: instant, row_count: amount, bytes: amount })),
}) satisfies z.ZodType<TableStats>;

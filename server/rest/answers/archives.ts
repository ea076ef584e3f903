import { z } from "zod";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { ArchiveCheck, ShownArchivePage } from "@/server/services/retention";
import { instant } from "./instant";

const archive = z.object({
  id: z.guid(),
  table: z.enum(LOG_TABLE_NAMES),
  month: z.string().describe("In UTC, such as 2026-08"),
  state: z
    .enum(["pending", "removed", "expired"])
    .describe("pending: its rows are in the table too; removed: only here; expired: its own retention ended"),
  file: z.string().describe("Relative to the data folder; its manifest lies beside it"),
  rows: z.int(),
  size_bytes: z.int().nullable().describe("Null for viewers for whom something is masked"),
  sha256: z.string().nullable().describe("As size_bytes"),
  first_time: instant,
  last_time: instant,
  cutoff: instant,
  job_id: z.string().nullable(),
  created_by: z.string(),
  created_at: instant,
  verified_at: instant.nullable(),
  problem: z.string().nullable().describe("What the last verification found wrong with the file"),
  restored: z
    .array(z.object({ from: instant, to: instant, keep_until: instant, by: z.string() }))
    .describe("Periods of it that are back in the table, and until when the automatic cleanup leaves them"),
});

/** The answer to GET /archives. */
export const archivesAnswer = z.object({
  items: z.array(archive),
  next_cursor: z.string().nullable(),
  prev_cursor: z.string().nullable(),
}) satisfies z.ZodType<ShownArchivePage>;

/** The answer to POST /archives/ID/verify. */
export const archiveCheckAnswer = z.object({
  id: z.guid(),
  ok: z.boolean(),
  problem: z.string().nullable(),
  rows: z.int().nullable(),
}) satisfies z.ZodType<ArchiveCheck>;

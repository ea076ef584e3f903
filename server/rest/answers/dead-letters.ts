import { z } from "zod";
import type { DeadLetter, DeadLetterGroup, DeadLetterPage, ReplayResult } from "@/server/services/dead-letters";
import { instant } from "./instant";

/** The answer to GET /dead-letters/ID. */
export const deadLetterAnswer = z.object({
  id: z.guid(),
  queue: z.string(),
  payload: z.string().describe("The event as it came; in a list of a long one its beginning"),
  payload_truncated: z.boolean().describe("Whether payload is only the beginning; GET /dead-letters/ID has all of it"),
  format: z.string().describe("How payload is read on replay: json, log_line or csv"),
  csv_header: z.string().nullable(),
  error: z.string().describe("`field: reason`"),
  source: z.string().nullable(),
  line: z.int().nullable(),
  attempts: z.int(),
  first_seen_at: instant,
  last_seen_at: instant,
}) satisfies z.ZodType<DeadLetter>;

const group = z.object({ queue: z.string(), error: z.string(), count: z.int(), last_seen_at: instant });

/** The answer to GET /dead-letters. */
export const deadLettersAnswer = z.object({
  items: z.array(deadLetterAnswer),
  next_cursor: z.string().nullable(),
  prev_cursor: z.string().nullable(),
  groups: z.array(group),
}) satisfies z.ZodType<DeadLetterPage & { readonly groups: DeadLetterGroup[] }>;

/** The answer to POST /dead-letters/replay. */
export const replayAnswer = z.object({
  replayed: z.int().describe("Became rows, or were rows already"),
  inserted: z.int(),
  duplicates: z.int(),
  still_dead: z.int(),
  errors: z.array(z.object({ id: z.guid(), message: z.string() })).describe("The first 100"),
}) satisfies z.ZodType<ReplayResult>;

/** The answer to DELETE /dead-letters. */
export const discardAnswer = z.object({ discarded: z.int() });

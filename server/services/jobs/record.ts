import type { InferSelectModel } from "drizzle-orm";
import { parseErrorValue } from "@/server/catalog/errors";
import type { jobs } from "@/server/db/schema";
import type { Instant } from "@/server/lib/time";
import { type Job, job } from "./contract";

type JobRow = InferSelectModel<typeof jobs>;

/** Converts a row of `jobs` to the format of the contract. */
export function toJob(row: JobRow): Job {
  const { done, total, phase } = row.progress;
  const shown = {
    job_id: row.id,
    kind: row.kind,
    status: row.status,
    progress: { done, total, unit: "rows", phase },
    requested_by: row.requestedBy,
    created_at: row.createdAt,
    started_at: row.startedAt,
    finished_at: row.finishedAt,
    duration_ms: durationMs(row.startedAt, row.finishedAt),
    params: row.params,
    result: row.result,
    error: row.error && parseErrorValue(row.error),
  };
  const known = job.safeParse(shown);
  // A result that another version stored with another shape cannot be shown.
  return known.success ? known.data : job.parse({ ...shown, result: null });
}

/** Milliseconds between two instants; null while one is missing. */
function durationMs(from: Instant | null, to: Instant | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from);
}

import type { Job } from "@/components/jobs/use-job-watch";
import { LOG_TABLE_NAMES } from "@/server/catalog";

const TYPES = [...LOG_TABLE_NAMES, "exports"] as const;

type JobRecord = Readonly<Record<string, unknown>>;

/** What a cleanup job was asked for. */
export function cleanupParams({ params }: Pick<Job, "params">) {
  return {
    type: TYPES.find((type) => type === params.task_type),
    days: numberAt(params, "days_to_keep"),
    archive: params.archive !== false,
    isDryRun: params.dry_run === true,
  };
}

/** What a restore was asked for; without a table where the job is older than its record of that. */
export function restoreParams({ params }: Pick<Job, "params">) {
  return {
    table: LOG_TABLE_NAMES.find((table) => table === params.table),
    month: textAt(params, "month") ?? "",
    start: textAt(params, "start_date"),
    end: textAt(params, "end_date"),
  };
}

/** What a cleanup did, also one that was stopped; null while it has not told. */
export function cleanupResult({ result }: Pick<Job, "result">) {
  return (
    result && {
      matched: numberAt(result, "matched_count"),
      deleted: numberAt(result, "deleted_count"),
      archived: numberAt(result, "archived_count"),
      dropped: numberAt(result, "partitions_dropped"),
      freed: numberAt(result, "freed_bytes"),
      reusable: numberAt(result, "reusable_bytes"),
    }
  );
}

/** What a restore did. */
export function restoreResult({ result }: Pick<Job, "result">) {
  return (
    result && {
      restored: numberAt(result, "restored_count"),
      present: numberAt(result, "present_count"),
      // None where the job is older than the count.
      different: numberAt(result, "different_count"),
      keepUntil: textAt(result, "keep_until"),
    }
  );
}

function textAt(record: JobRecord, key: string): string | null {
  const value = record[key];
  return typeof value === "string" ? value : null;
}

function numberAt(record: JobRecord, key: string): number {
  const value = record[key];
  return typeof value === "number" ? value : 0;
}

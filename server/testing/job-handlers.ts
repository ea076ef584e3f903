import type { ExportResult } from "@/server/services/exports/contract";
import type { JobHandlers } from "@/server/services/jobs";
import type { CleanupResult } from "@/server/services/retention/contract";

/** The result of an export of three rows. */
export const EXPORT_RESULT: ExportResult = {
  file_path: "exports/a.csv",
  download_url: "/api/v1/batch-processing/download?file_path=exports%2Fa.csv",
  file_name: "a.csv",
  format: "csv",
  row_count: 3,
  size_bytes: 100,
  sha256: "0".repeat(64),
  expires_at: "2026-12-31T00:00:00.000000Z",
};

/** The result of a cleanup that deleted twelve rows. */
export const CLEANUP_RESULT: CleanupResult = {
  task_type: "access_logs",
  days_to_keep: 90,
  cutoff: "2026-01-01T00:00:00.000000Z",
  dry_run: false,
  matched_count: 12,
  deleted_count: 12,
  partitions_dropped: 0,
  archived_count: 12,
  archive_files: [],
  freed_bytes: 0,
  reusable_bytes: 0,
};

/** Creates a job handler that runs until it is released or aborted. */
export function makeGate() {
  const gate = new AbortController();
  const started: string[] = [];
  const work: JobHandlers["export"] = async (_, run) => {
    started.push(run.id);
    await aborted(AbortSignal.any([gate.signal, run.signal]));
    run.signal.throwIfAborted();
    return EXPORT_RESULT;
  };
  return { started, work, open: () => gate.abort() };
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

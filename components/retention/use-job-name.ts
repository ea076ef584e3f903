"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { useCallback } from "react";
import type { JobOf } from "@/components/jobs/use-job-watch";
import { shownTime } from "@/components/time-range/typed-time";

export type RetentionJob = JobOf<"cleanup" | "restore">;

/** The name of a cleanup or restore: `Cleanup of Access logs`, `Restore of Access logs, 2026-05`. */
export function useJobName() {
  const t = useTranslations("cleanup");
  return useCallback(
    (job: RetentionJob): string => {
      if (job.kind === "restore") {
        const { table, month = "" } = job.params;
        return table ? t("jobs.restore", { what: t(`types.${table}`), month }) : t("jobs.restoreUnknown");
      }
      const { task_type, dry_run } = job.params;
      return t(dry_run ? "jobs.dryRun" : "jobs.cleanup", { what: t(`types.${task_type}`) });
    },
    [t],
  );
}

/** The retention of a cleanup, or the range of a restore; null for an entire archive. */
export function useJobExtent() {
  const t = useTranslations("cleanup.jobs");
  const timeZone = useTimeZone() ?? "UTC";
  return useCallback(
    (job: RetentionJob): string | null => {
      if (job.kind === "cleanup") return t("retention", { days: job.params.days_to_keep });
      const { start_date: start, end_date: end } = job.params;
      const from = start && shownTime(start, timeZone);
      const to = end && shownTime(end, timeZone);
      if (from && to) return t("range", { from, to });
      if (from) return t("rangeFrom", { from });
      return to ? t("rangeTo", { to }) : null;
    },
    [t, timeZone],
  );
}

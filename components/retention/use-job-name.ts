"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Job } from "@/components/jobs/use-job-watch";
import { shownTime } from "@/components/time-range/typed-time";
import { cleanupParams, restoreParams } from "./read-job";

/** The name of a cleanup or restore: `Cleanup of Access logs`, `Restore of Access logs, 2026-05`. */
export function useJobName() {
  const t = useTranslations("cleanup");
  return useCallback(
    (job: Job): string => {
      if (job.kind === "restore") {
        const { table, month } = restoreParams(job);
        return table ? t("jobs.restore", { what: t(`types.${table}`), month }) : t("jobs.restoreUnknown");
      }
      const { type, isDryRun } = cleanupParams(job);
      const what = type ? t(`types.${type}`) : "";
      return t(isDryRun ? "jobs.dryRun" : "jobs.cleanup", { what });
    },
    [t],
  );
}

/** The retention of a cleanup, or the range of a restore; null for an entire archive. */
export function useJobExtent() {
  const t = useTranslations("cleanup.jobs");
  const timeZone = useTimeZone() ?? "UTC";
  return useCallback(
    (job: Job): string | null => {
      if (job.kind === "cleanup") return t("retention", { days: cleanupParams(job).days });
      const { start, end } = restoreParams(job);
      const from = start && shownTime(start, timeZone);
      const to = end && shownTime(end, timeZone);
      if (from && to) return t("range", { from, to });
      if (from) return t("rangeFrom", { from });
      return to ? t("rangeTo", { to }) : null;
    },
    [t, timeZone],
  );
}

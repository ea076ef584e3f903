"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Job } from "../jobs/use-job-watch";
import { cleanupParams } from "./read-job";

/** A cleanup's or restore's name: `Cleanup of Access logs`. */
export function useJobName() {
  const t = useTranslations("cleanup");
  return useCallback(
    (job: Job): string => {
      if (job.kind === "restore") return t("jobs.restore");
      const { type, isDryRun } = cleanupParams(job);
      const what = type ? t(`types.${type}`) : "";
      return t(isDryRun ? "jobs.dryRun" : "jobs.cleanup", { what });
    },
    [t],
  );
}

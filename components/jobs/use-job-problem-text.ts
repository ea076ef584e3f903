"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readJobProblem } from "@/server/catalog/job-problem";

/** Turns the `error` of a job into the person's language; words that are not known there stay as they are. */
export function useJobProblemText() {
  const t = useTranslations("jobs.problem");
  return useCallback(
    (error: string): string => {
      const known = readJobProblem(error);
      return known ? t(known.problem, known.values) : error;
    },
    [t],
  );
}

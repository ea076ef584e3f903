"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readJobProblem } from "@/server/catalog/job-problem";

/** Turns the `error` of a job, or a refusal, into the person's language; words that are not known stay as they are. */
export function useJobProblemText() {
  const t = useTranslations("jobs.problem");
  return useCallback(
    (error: string): string => {
      const say = (words: string): string => {
        const known = readJobProblem(words);
        if (!known) return words;
        const { reason, ...values } = known.values;
        return t(known.problem, reason === undefined ? values : { ...values, reason: say(reason) });
      };
      return say(error);
    },
    [t],
  );
}

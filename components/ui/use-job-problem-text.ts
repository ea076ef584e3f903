"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readJobProblem } from "@/server/catalog/job-problem";
import { useActorName } from "./use-actor-name";

/** Turns the `error` of a job, or a refusal, into the person's language; words that are not known stay as they are. */
export function useJobProblemText() {
  const t = useTranslations("jobs.problem");
  const actorName = useActorName();
  return useCallback(
    (error: string): string => {
      const say = (words: string): string => {
        const known = readJobProblem(words);
        if (!known) return words;
        const { name, reason, ...values } = known.values;
        return t(known.problem, {
          ...values,
          ...(name !== undefined && { name: actorName(name) }),
          ...(reason !== undefined && { reason: say(reason) }),
        });
      };
      return say(error);
    },
    [t, actorName],
  );
}

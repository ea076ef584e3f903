"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readWebhookProblem } from "@/server/catalog/webhook-problem";

/** Turns what a delivery failed with into the person's language; words that are not known stay as they are. */
export function useWebhookProblem() {
  const t = useTranslations("alerts.webhookProblems");
  return useCallback(
    (error: string): string => {
      const known = readWebhookProblem(error);
      return known ? t(known.problem, known.values) : error;
    },
    [t],
  );
}

"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { readProblem } from "@/server/catalog/event-problem";

/** Turns `field: reason` of an event that cannot be a row into the person's language; other text stays as it is. */
export function useProblemText() {
  const t = useTranslations("eventProblems");
  return useCallback(
    (text: string): string => {
      const problem = readProblem(text);
      if (!problem) return text;
      const { field, reason, values } = problem;
      return t("line", { field: isPart(field) ? t(`parts.${field}`) : field, reason: t(`reasons.${reason}`, values) });
    },
    [t],
  );
}

const PARTS = ["event", "row", "line", "document"] as const;

/** What is no column, and so has a name in each language; a column's name is what the event's text has. */
function isPart(field: string): field is (typeof PARTS)[number] {
  return PARTS.some((part) => part === field);
}

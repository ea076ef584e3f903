"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { errorCode } from "./error-code";
import { useKnownProblem } from "./use-job-problem-text";

/** Turns what a tRPC call threw into plain words in the person's language. */
export function useErrorText() {
  const t = useTranslations("errors");
  const known = useKnownProblem();
  return useCallback(
    (error: unknown): string => {
      const code = errorCode(error);
      const words = error instanceof Error ? error.message : "";
      return known(words) ?? (code === "REFUSED" && words !== "" ? words : t(code === "REFUSED" ? "INTERNAL" : code));
    },
    [t, known],
  );
}

"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { errorCode } from "./error-code";
import { useJobProblemText } from "./use-job-problem-text";

/** Turns what a tRPC call threw into plain words in the person's language. */
export function useErrorText() {
  const t = useTranslations("errors");
  const problemText = useJobProblemText();
  return useCallback(
    (error: unknown): string => {
      const code = errorCode(error);
      if (code !== "REFUSED") return t(code);
      return error instanceof Error ? problemText(error.message) : t("INTERNAL");
    },
    [t, problemText],
  );
}

"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { errorCode, refusalOf } from "./error-code";
import { useRefusalText } from "./use-coded-error";

/** Returns the message of a failed tRPC call in the user's language. */
export function useErrorText() {
  const t = useTranslations("errors");
  const refusalText = useRefusalText();
  return useCallback(
    (error: unknown): string => {
      const refusal = refusalOf(error);
      const code = errorCode(error);
      // These describe API keys, which the interface does not use.
      if (refusal && !refusal.code.startsWith("auth.")) return refusalText(refusal);
      return t(code === "REFUSED" ? "INTERNAL" : code);
    },
    [t, refusalText],
  );
}

"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { errorCode } from "./error-code";

/** Turns what a tRPC call threw into plain words in the person's language. */
export function useErrorText() {
  const t = useTranslations("errors");
  return useCallback(
    (error: unknown): string => {
      const code = errorCode(error);
      if (code !== "REFUSED") return t(code);
      return error instanceof Error ? error.message : t("INTERNAL");
    },
    [t],
  );
}

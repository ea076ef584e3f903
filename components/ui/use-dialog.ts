"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { notifyFailed } from "./notify";

/**
 * Returns a function that opens a dialog once the code of its content is loaded, so that its first field gets the focus.
 * A failure, such as an unreachable server, is shown.
 */
export function useDialog() {
  const t = useTranslations("errors");
  return useCallback(
    <T>(load: () => Promise<T>, open: (loaded: T) => void): void => {
      load().then(open, () => notifyFailed(t("pageTitle"), t("NETWORK")));
    },
    [t],
  );
}

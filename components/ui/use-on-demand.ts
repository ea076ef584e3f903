import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { notifyFailed } from "./notify";

/**
 * Returns code that is loaded when it is first needed, and a function that loads it. A failure, as while the server is
 * away, is shown unless `isAhead`; the next request tries again.
 */
export function useOnDemand<T>(load: () => Promise<T>): [T | undefined, (isAhead?: boolean) => void] {
  const t = useTranslations("errors");
  const [loaded, setLoaded] = useState<{ value: T }>();
  const request = useCallback(
    (isAhead = false) => {
      load().then(
        (value) => setLoaded((known) => known ?? { value }),
        () => isAhead || notifyFailed(t("pageTitle"), t("NETWORK")),
      );
    },
    [load, t],
  );
  return [loaded?.value, request];
}

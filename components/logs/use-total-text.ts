"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import type { Total } from "./use-log-total";

/** A total's digits, the same wherever it is shown: all of an exact one, three of an estimate. */
export function useTotalText() {
  const format = useFormatter();
  return useCallback(
    ({ count, is_exact }: Total) =>
      is_exact
        ? format.number(count)
        : format.number(count, { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 3 }),
    [format],
  );
}

"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { useNumberText } from "../ui/use-number-text";
import type { Total } from "./use-log-total";

/** Formats a total the same way everywhere: an exact one in full, an estimate with three digits. */
export function useTotalText() {
  const format = useFormatter();
  const { compact } = useNumberText();
  return useCallback(
    ({ count, is_exact }: Total) => (is_exact ? format.number(count) : compact(count, { maximumSignificantDigits: 3 })),
    [format, compact],
  );
}

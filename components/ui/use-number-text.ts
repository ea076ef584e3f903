"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { withCjkSpaces } from "@/messages/cjk-spacing";

interface Digits {
  maximumFractionDigits?: number;
  maximumSignificantDigits?: number;
}

/** Shorter numbers are shown with all their digits, so that the same count reads the same on every page. */
const MIN_SHORTENED = 100_000;

/** Short numbers and relative times in the user's language, with thousands separators everywhere. */
export function useNumberText() {
  const format = useFormatter();
  /** `14,471`, `144.7K`, `966.5 万`. */
  const compact = useCallback(
    (value: number, options: Digits = { maximumFractionDigits: 1 }) => {
      const notation = Math.abs(value) < MIN_SHORTENED ? "standard" : "compact";
      return withCjkSpaces(format.number(value, { notation, useGrouping: true, ...options }));
    },
    [format],
  );
  /** `in 7 hours`, `7 小时后`. */
  const relative = useCallback((at: number, now: number) => withCjkSpaces(format.relativeTime(at, now)), [format]);
  return { compact, relative };
}

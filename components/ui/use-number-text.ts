"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { withCjkSpaces } from "@/messages/cjk-spacing";

interface Digits {
  maximumFractionDigits?: number;
  maximumSignificantDigits?: number;
}

/** Short numbers and relative times in the user's language, with thousands separators everywhere. */
export function useNumberText() {
  const format = useFormatter();
  /** `1.2K`, `966.5 万`. */
  const compact = useCallback(
    (value: number, options: Digits = { maximumFractionDigits: 1 }) =>
      withCjkSpaces(format.number(value, { notation: "compact", useGrouping: true, ...options })),
    [format],
  );
  /** `in 7 hours`, `7 小时后`. */
  const relative = useCallback((at: number, now: number) => withCjkSpaces(format.relativeTime(at, now)), [format]);
  return { compact, relative };
}

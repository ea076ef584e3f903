"use client";

import { useTimeZone, useTranslations } from "next-intl";
import type { TimeRange } from "./range";
import { shownTime } from "./typed-time";

/** The range in words: `Last 3 hours`, `2026-11-22`, `2026-11-22 10:00 to 11:30`. */
export function useRangeLabel(range: TimeRange): string {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  if (range === null) return t("all");
  if ("last" in range) return t(`last.${range.last}`);
  const start = shownTime(range.start, timeZone);
  const end = shownTime(range.end, timeZone);
  if (start === end) return start;
  const isSameDay = start.length > 10 && end.length > 10 && start.slice(0, 10) === end.slice(0, 10);
  return t("between", { start, end: isSameDay ? end.slice(11) : end });
}

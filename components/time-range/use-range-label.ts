"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { parseRangeEnd } from "@/server/lib/time";
import { formatTime } from "../ui/time";
import type { TimeRange } from "./range";
import { shownTime } from "./typed-time";

const WHOLE_MINUTE = /( \d\d:\d\d):00$/;
const LAST_SECOND = / \d\d:\d\d:59$/;
const DAY_AT_OFFSET = /^\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:?\d\d)$/i;

/** A range that ends at the last second of a minute is displayed up to the next minute. */
function endOf(end: string, timeZone: string): string {
  const shown = shownTime(end, timeZone);
  const after = LAST_SECOND.test(shown) || DAY_AT_OFFSET.test(end) ? parseRangeEnd(end, timeZone) : undefined;
  return (after === undefined ? shown : formatTime(after, timeZone)).replace(WHOLE_MINUTE, "$1");
}

/** Describes a range: `Last 3 hours`, `2026-11-22`, `2026-11-22 10:00 to 11:30`. */
export function useRangeLabel(range: TimeRange): string {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  if (range === null) return t("all");
  if ("last" in range) return t(`last.${range.last}`);
  const start = shownTime(range.start, timeZone).replace(WHOLE_MINUTE, "$1");
  const end = endOf(range.end, timeZone);
  if (start === end) return start;
  const isSameDay = start.length > 10 && end.length > 10 && start.slice(0, 10) === end.slice(0, 10);
  return t("between", { start, end: isSameDay ? end.slice(11) : end });
}

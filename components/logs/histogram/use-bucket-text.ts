"use client";

import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { useCallback } from "react";
import { formatTime } from "../../ui/time";
import { boundsOfBuckets, type Histogram } from "./buckets";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The words of the chart: times of bars, and counts that say when they are estimates. */
export function useBucketText(histogram: Histogram) {
  const t = useTranslations("logHistogram");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";

  const times = useCallback(
    (one: number, other: number) => {
      const { from, to } = boundsOfBuckets(histogram, one, other);
      const shown = (time: number) => {
        const text = formatTime(new Date(time).toISOString(), timeZone);
        return text.endsWith(":00") ? text.slice(0, 16) : text;
      };
      const [start, end] = [shown(from), shown(to)];
      const isSameDay = start.slice(0, 10) === end.slice(0, 10);
      return { from: start, to: isSameDay ? end.slice(11) : end };
    },
    [histogram, timeZone],
  );

  const rows = useCallback(
    (count: number) =>
      histogram.is_exact
        ? t("rows", { count })
        : t("aboutRows", { count: format.number(count, { maximumSignificantDigits: 3 }) }),
    [histogram.is_exact, t, format],
  );

  return { times, rows };
}

/** The width of a bar in words: `30 minutes`. */
export function useBarWidth() {
  const t = useTranslations("logHistogram");
  return (seconds: number): string => {
    if (seconds < MINUTE) return t("seconds", { n: seconds });
    if (seconds < HOUR) return t("minutes", { n: seconds / MINUTE });
    if (seconds < DAY) return t("hours", { n: seconds / HOUR });
    return t("days", { n: seconds / DAY });
  };
}

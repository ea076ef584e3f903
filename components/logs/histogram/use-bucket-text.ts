"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { useCallback } from "react";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import { formatTime } from "../../ui/time";
import { useTotalText } from "../use-total-text";
import { boundsOfBuckets, type Histogram } from "./buckets";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The texts of the chart: times of buckets, and counts marked when they are estimates. */
export function useBucketText(histogram: Histogram) {
  const t = useTranslations("logHistogram");
  const totalText = useTotalText();
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
        : withoutUnitSpace(t("aboutRows", { count: totalText({ count, is_exact: false }) })),
    [histogram.is_exact, t, totalText],
  );

  return { times, rows };
}

/** The width of a bucket as text: `30 min`. */
export function useBarWidth() {
  const t = useTranslations("logHistogram");
  return (seconds: number): string => {
    if (seconds < MINUTE) return t("seconds", { n: seconds });
    if (seconds < HOUR) return t("minutes", { n: seconds / MINUTE });
    if (seconds < DAY) return t("hours", { n: seconds / HOUR });
    return t("days", { n: seconds / DAY });
  };
}

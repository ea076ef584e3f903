"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Formats seconds with at most two units: `45 s`, `3 min 20 s`, `2 d 4 h`. */
export function useDuration() {
  const t = useTranslations("duration");
  return useCallback(
    (seconds: number): string => {
      const s = Math.round(seconds);
      if (s < 1) return t("under");
      if (s < MINUTE) return t("seconds", { n: s });
      if (s < 10 * MINUTE && s % MINUTE > 0) return t("minutesSeconds", { m: Math.floor(s / MINUTE), s: s % MINUTE });
      if (s < HOUR) return t("minutes", { n: Math.floor(s / MINUTE) });
      if (s < DAY) return t("hours", { h: Math.floor(s / HOUR), m: Math.floor((s % HOUR) / MINUTE) });
      return t("days", { d: Math.floor(s / DAY), h: Math.floor((s % DAY) / HOUR) });
    },
    [t],
  );
}

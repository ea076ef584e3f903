"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { useBytes } from "../ui/use-bytes";
import { useDuration } from "../ui/use-duration";

/** The numbers of the overview as people read them. */
export function useNumbers() {
  const format = useFormatter();
  const t = useTranslations("common");
  const tDuration = useTranslations("duration");
  const bytes = useBytes();
  const duration = useDuration();
  return useMemo(() => {
    const count = (value: number) => format.number(value, { notation: "compact", maximumFractionDigits: 1 });
    const seconds = (value: number) => {
      if (value >= 3_600) return duration(value);
      if (value >= 60) return tDuration("minutes", { n: format.number(value / 60, { maximumFractionDigits: 1 }) });
      return value > 0 && value < 1
        ? t("milliseconds", { value: format.number(value * 1_000, { maximumSignificantDigits: 3 }) })
        : t("secondsValue", { value: format.number(value, { maximumFractionDigits: 1 }) });
    };
    return {
      count,
      bytes,
      seconds,
      milliseconds: (value: number) => seconds(value / 1_000),
      perSecond: (value: number) =>
        t("perSecond", { value: format.number(value, { notation: "compact", maximumSignificantDigits: 3 }) }),
      percent: (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 }),
    };
  }, [format, t, tDuration, bytes, duration]);
}

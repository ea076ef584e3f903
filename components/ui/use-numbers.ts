"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { useBytes } from "./use-bytes";
import { useDuration } from "./use-duration";
import { useNumberText } from "./use-number-text";

/** A smaller share would be shown as none. */
const MIN_SHARE = 0.001;

/** Percentages above are hard to read. */
const MAX_CHANGE = 9;

/** Formats numbers: the one notation of counts, shares, rates, sizes and durations that are read at a glance. */
export function useNumbers() {
  const format = useFormatter();
  const t = useTranslations("common");
  const tDuration = useTranslations("duration");
  const bytes = useBytes();
  const duration = useDuration();
  const { compact } = useNumberText();
  return useMemo(() => {
    // Fractions of a hundred and more would suggest a precision that rates and forecasts do not have.
    const count = (value: number) => compact(value >= 100 ? Math.round(value) : value);
    const seconds = (value: number) => {
      if (value >= 3_600) return duration(value);
      if (value >= 60) return tDuration("minutes", { n: format.number(value / 60, { maximumFractionDigits: 1 }) });
      return value > 0 && value < 1
        ? t("milliseconds", { value: format.number(value * 1_000, { maximumSignificantDigits: 3 }) })
        : t("secondsValue", { value: format.number(value, { maximumFractionDigits: 1 }) });
    };
    const share = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
    return {
      /** Short from 100,000: `14,471`, `144.7K`. */
      count,
      /** Every digit: `1,234`. */
      exact: (value: number) => format.number(value),
      bytes,
      duration,
      seconds,
      milliseconds: (value: number) => seconds(value / 1_000),
      perSecond: (value: number) => t("perSecond", { value: compact(value, { maximumSignificantDigits: 3 }) }),
      bytesPerSecond: (value: number) => t("perSecond", { value: bytes(value) }),
      /** A change from the value before, such as `+12%` for 0.12; from tenfold on, the factor: `×1,336`. */
      change: (value: number, digits = 0) =>
        value >= MAX_CHANGE
          ? t("factor", { value: count(value + 1) })
          : format.number(value, { style: "percent", maximumFractionDigits: digits, signDisplay: "exceptZero" }),
      percent: (value: number) => (value > 0 && value < MIN_SHARE ? `<${share(MIN_SHARE)}` : share(value)),
    };
  }, [format, compact, t, tDuration, bytes, duration]);
}

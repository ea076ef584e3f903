"use client";

import { useFormatter } from "next-intl";
import { useCallback } from "react";
import { withCjkSpaces } from "@/messages/cjk-spacing";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEP = 1000;

/** Formats a number of bytes in the largest fitting unit: `1.4 MB`. */
export function useBytes() {
  const format = useFormatter();
  return useCallback(
    (bytes: number): string => {
      const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(STEP)));
      const text = format.number(bytes / STEP ** power, {
        style: "unit",
        unit: UNITS[power],
        unitDisplay: power === 0 ? "long" : "short",
        maximumFractionDigits: power === 0 ? 0 : 1,
      });
      return withCjkSpaces(text);
    },
    [format],
  );
}

"use client";

import { useFormatter, useTranslations } from "next-intl";
import classes from "./trend-bars.module.css";

/** How many dead letters were first seen in each of the last 24 hours. */
export function TrendBars({ trend }: { trend: readonly number[] }) {
  const t = useTranslations("deadLetters");
  const format = useFormatter();
  const total = trend.reduce((sum, count) => sum + count, 0);
  const max = Math.max(1, ...trend);
  const label = t("trend", { count: format.number(total) });
  return (
    <span className={classes.bars} role="img" aria-label={label} title={label}>
      {trend.map((count, hour) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the position is the hour
          key={hour}
          className={classes.bar}
          style={{ height: count === 0 ? 0 : `${Math.max(8, (count / max) * 100)}%` }}
        />
      ))}
    </span>
  );
}

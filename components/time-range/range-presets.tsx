"use client";

import { Button } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { wholeDay, wholeMonth } from "./bounds";
import { RELATIVE_RANGES, type TimeRange } from "./range";
import classes from "./time-range-picker.module.css";

interface Props {
  range: TimeRange;
  onChoose: (range: TimeRange) => void;
}

/** The quick ranges. */
export function RangePresets({ range, onChoose }: Props) {
  const t = useTranslations("logRange");
  const timeZone = useTimeZone() ?? "UTC";
  const last = range !== null && "last" in range ? range.last : undefined;
  const now = Date.now();
  const days = {
    today: wholeDay(0, now, timeZone),
    yesterday: wholeDay(1, now, timeZone),
    thisMonth: wholeMonth(0, now, timeZone),
    lastMonth: wholeMonth(1, now, timeZone),
  };
  const isDay = (day: { start: string; end: string }) =>
    range !== null && "start" in range && range.start === day.start && range.end === day.end;

  const choice = (label: string, value: TimeRange, isCurrent: boolean) => (
    <Button
      key={label}
      size="compact-sm"
      justify="start"
      fw={isCurrent ? 600 : 400}
      variant={isCurrent ? "light" : "subtle"}
      color={isCurrent ? undefined : "gray"}
      c={isCurrent ? undefined : "var(--mantine-color-text)"}
      aria-pressed={isCurrent}
      data-autofocus={isCurrent || undefined}
      onClick={() => onChoose(value)}
    >
      {label}
    </Button>
  );

  return (
    <div className={classes.presets}>
      {RELATIVE_RANGES.map((width) => choice(t(`last.${width}`), { last: width }, width === last))}
      {choice(t("today"), days.today, isDay(days.today))}
      {choice(t("yesterday"), days.yesterday, isDay(days.yesterday))}
      {choice(t("thisMonth"), days.thisMonth, isDay(days.thisMonth))}
      {choice(t("lastMonth"), days.lastMonth, isDay(days.lastMonth))}
      {choice(t("all"), null, range === null)}
    </div>
  );
}

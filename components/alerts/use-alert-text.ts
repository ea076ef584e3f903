"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useCallback } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { RouterOutputs } from "../trpc";
import { useDuration } from "../ui/use-duration";

export type Alert = RouterOutputs["alerts"]["list"]["items"][number];
export type Rule = RouterOutputs["alerts"]["rules"][number];
type Unit = Rule["unit"];

/** Formats alerts in the user's language. */
export function useAlertText() {
  const t = useTranslations();
  const format = useFormatter();
  const duration = useDuration();

  const amount = useCallback(
    (value: number, unit: Unit): string => {
      if (unit === "ratio") return format.number(value, { style: "percent", maximumFractionDigits: 1 });
      if (unit === "seconds") {
        return value < 60
          ? t("common.secondsValue", { value: format.number(value, { maximumFractionDigits: 2 }) })
          : duration(value);
      }
      return format.number(value, { maximumFractionDigits: 0 });
    },
    [t, format, duration],
  );

  const subjectName = useCallback(
    (subject: string): string => {
      const table = LOG_TABLE_NAMES.find((name) => name === subject);
      if (table) return t(`tables.${table}`);
      return subject === "data" || subject === "database" ? t(`alerts.disks.${subject}`) : subject;
    },
    [t],
  );

  const message = useCallback(
    ({ rule, subject, value, threshold, unit }: Alert): string => {
      return t(`alerts.rules.${rule}.firing`, {
        subject: subjectName(subject),
        value: amount(value, unit),
        threshold: amount(threshold, unit),
      });
    },
    [t, amount, subjectName],
  );

  return { amount, message };
}

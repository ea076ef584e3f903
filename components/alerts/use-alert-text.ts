"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { RouterOutputs } from "../trpc";
import { useNumbers } from "../ui/use-numbers";

export type Alert = RouterOutputs["alerts"]["list"]["items"][number];
export type Rule = RouterOutputs["alerts"]["rules"][number];
type Unit = Rule["unit"];

/** Formats alerts in the user's language. */
export function useAlertText() {
  const t = useTranslations();
  const numbers = useNumbers();

  const amount = useCallback(
    (value: number, unit: Unit): string => {
      if (unit === "ratio") return numbers.percent(value);
      if (unit === "seconds") return value < 60 ? numbers.seconds(value) : numbers.duration(value);
      return numbers.exact(Math.round(value));
    },
    [numbers],
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

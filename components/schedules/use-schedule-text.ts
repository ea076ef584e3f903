"use client";

import { toString as describeCron } from "cronstrue";
import "cronstrue/locales/zh_CN";
import { useLocale, useTranslations } from "next-intl";
import { useCallback } from "react";

const ONCE_A_DAY = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;

/** Describes a valid cron expression: `Every day at 02:00`. */
export function useScheduleText() {
  const t = useTranslations("tasks");
  const isChinese = useLocale() === "zh-CN";
  return useCallback(
    (cron: string): string => {
      const [, minute, hour] = ONCE_A_DAY.exec(cron.trim()) ?? [];
      // The library omits "every day".
      if (minute && hour) return t("everyDayAt", { time: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` });
      const words = describeCron(cron, {
        use24HourTimeFormat: true,
        locale: isChinese ? "zh_CN" : "en",
        throwExceptionOnParseError: false,
      });
      return isChinese ? words.replaceAll(", ", "，").replace(/^在\s*/, "") : words;
    },
    [t, isChinese],
  );
}

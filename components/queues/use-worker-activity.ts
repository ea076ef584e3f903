"use client";

import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { QueueStatus } from "../live/queue-watch";

type Activity = QueueStatus["workers"][number]["current"];

/** The current task of a worker as text. */
export function useWorkerActivity() {
  const t = useTranslations();
  return useCallback(
    (activity: Activity): string => {
      if (!activity) return t("queues.workers.idle");
      const table = LOG_TABLE_NAMES.find((name) => name === activity.queue);
      return t("queues.workers.busy", {
        events: activity.events,
        queue: table ? t(`tables.${table}`) : activity.queue,
      });
    },
    [t],
  );
}

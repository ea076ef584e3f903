"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useDuration } from "../ui/use-duration";
import type { Point } from "./history";
import type { QueueFigures } from "./queue-figures";
import { hasProcessed } from "./recently-processed";

const UNKNOWN = "–";

/**
 * Formats the figures of a queue; a dash for what is unknown while its store is unreachable, and for the failure rate of
 * no events.
 */
export function useQueueNumbers(figures: QueueFigures, points: readonly Point[]) {
  const t = useTranslations();
  const format = useFormatter();
  const duration = useDuration();
  const count = (value: number | null) => (value === null ? UNKNOWN : format.number(value));
  const { queue_length, oldest_age_seconds, drain_seconds_estimate, processed_per_second } = figures;

  const drain = () => {
    if (queue_length === null) return UNKNOWN;
    if (figures.paused) return t("queues.paused");
    if (queue_length === 0) return t("queues.drainEmpty");
    if (figures.problem === "no_worker") return t("queues.waitsForWorker");
    return drain_seconds_estimate === null ? t("queues.drainNever") : duration(drain_seconds_estimate);
  };

  const oldest = () => {
    if (queue_length === 0) return t("queues.nothingWaits");
    return oldest_age_seconds === null ? UNKNOWN : duration(oldest_age_seconds);
  };

  return {
    length: count(queue_length),
    inFlight: count(figures.in_flight),
    oldest: oldest(),
    rate: t("common.perSecond", {
      value: format.number(processed_per_second, { maximumFractionDigits: processed_per_second < 10 ? 1 : 0 }),
    }),
    failureRate: hasProcessed(points)
      ? format.number(figures.failure_rate, { style: "percent", maximumFractionDigits: 2 })
      : UNKNOWN,
    drain: drain(),
  };
}

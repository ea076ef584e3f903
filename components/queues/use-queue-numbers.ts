"use client";

import { useTranslations } from "next-intl";
import { useNumbers } from "../ui/use-numbers";
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
  const numbers = useNumbers();
  const { duration } = numbers;
  const count = (value: number | null) => (value === null ? UNKNOWN : numbers.exact(value));
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
    rate: numbers.perSecond(processed_per_second),
    failureRate: hasProcessed(points) ? numbers.percent(figures.failure_rate) : UNKNOWN,
    drain: drain(),
  };
}

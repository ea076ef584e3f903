"use client";

import { SimpleGrid, Skeleton, Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import { useQueueWatch } from "../live/queue-watch";
import { hasProcessed } from "../queues/recently-processed";
import type { RouterOutputs } from "../trpc";
import { NoValue } from "../ui/no-value";
import { Panel } from "../ui/panel";
import { useDuration } from "../ui/use-duration";
import { useNumbers } from "./use-numbers";

type Forecast = RouterOutputs["overview"]["forecast"];

const DAY_SECONDS = 86_400;
/** A linear forecast is not meaningful beyond this. */
const FAR_DAYS = 730;

interface Props {
  forecast: Forecast | undefined;
}

/** The current figures and forecasts. Subscribes to the queues itself, so that charts are not drawn every second. */
export function KeyFigures({ forecast }: Props) {
  const { status, history } = useQueueWatch();
  const t = useTranslations("overview");
  const numbers = useNumbers();
  const duration = useDuration();
  const queues = Object.values(status?.queues ?? {});
  const sum = (pick: (queue: (typeof queues)[number]) => number | null) =>
    queues.reduce((total, queue) => total + (pick(queue) ?? 0), 0);
  const waiting = sum((queue) => queue.queue_length);
  const rate = sum((queue) => queue.processed_per_second);
  const worst = Math.max(0, ...queues.map((queue) => queue.failure_rate));
  const ages = queues.flatMap((queue) => queue.oldest_age_seconds ?? []);
  const drains = queues.map((queue) => queue.drain_seconds_estimate);
  const isKnown = queues.every((queue) => queue.queue_length !== null);

  const unknown = <NoValue reason={t("unknown")} />;
  const unprocessed = <NoValue reason={t("nothingProcessed")} />;

  const oldest = () => {
    if (!isKnown) return unknown;
    if (waiting === 0) return t("empty");
    return ages.length === 0 ? unknown : duration(Math.max(...ages));
  };
  const drain = () => {
    if (!isKnown) return t("queueUnreachable");
    const paused = queues.filter((queue) => queue.paused);
    if (paused.length > 0) return t("drainPaused", { count: paused.length, total: queues.length });
    if (waiting === 0) return t("drainEmpty");
    if (status?.workers.length === 0) return t("drainNoWorker");
    if (drains.includes(null)) return t("drainNever");
    return t("drainIn", { time: duration(Math.max(...drains.map((seconds) => seconds ?? 0))) });
  };
  const disk = () => {
    if (!forecast) return "";
    const days = forecast.days_until_disk_full;
    if (days === 0) return t("diskOver", { limit: numbers.percent(forecast.disk_limit) });
    const limit = numbers.percent(forecast.disk_limit);
    if (!forecast.disk_is_predicted) return t("diskUnknown", { free: numbers.bytes(forecast.disk_free_bytes) });
    if (days === null || days > FAR_DAYS) return t("diskFar", { free: numbers.bytes(forecast.disk_free_bytes) });
    return t("diskIn", { limit, time: duration(days * DAY_SECONDS) });
  };

  const figures = [
    {
      name: "waiting",
      label: t("waiting"),
      value: isKnown ? numbers.count(waiting) : unknown,
      hint: drain(),
      ready: status !== null,
    },
    {
      name: "oldest",
      label: t("oldest"),
      value: oldest(),
      hint: t("oldestHint"),
      ready: status !== null,
    },
    {
      name: "rate",
      label: t("rate"),
      value: numbers.perSecond(rate),
      hint: forecast?.rows_per_day ? (
        withoutUnitSpace(t("rowsPerDay", { rows: numbers.count(forecast.rows_per_day) }))
      ) : (
        <NoValue reason={t("notEnoughData")} />
      ),
      ready: status !== null,
    },
    {
      name: "failures",
      label: t("failures"),
      value: history?.some(({ points }) => hasProcessed(points)) ? numbers.percent(worst) : unprocessed,
      hint: t("failuresHint"),
      ready: status !== null,
    },
    {
      name: "disk",
      label: t("disk"),
      value: forecast ? numbers.percent(forecast.disk_used) : "",
      hint: disk(),
      ready: forecast !== undefined,
    },
    {
      name: "workers",
      label: t("workers"),
      value: String(status?.workers.length ?? 0),
      hint: t(`backend.${status?.backend ?? "postgres"}`),
      ready: status !== null,
    },
  ];

  return (
    <Panel p={{ base: "md", sm: "lg" }} mb="lg" aria-label={t("figures")}>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="md" verticalSpacing="md">
        {figures.map(({ name, label, value, hint, ready }) => (
          <div key={name}>
            <Text size="xs" c="dimmed" truncate>
              {label}
            </Text>
            {ready ? (
              <>
                <Text fz={{ base: 20, sm: 24 }} fw={650} lh={1.3} truncate data-testid={`overview-${name}`}>
                  {value}
                </Text>
                <Text size="xs" c="dimmed">
                  {hint}
                </Text>
              </>
            ) : (
              <Skeleton h={42} mt={4} />
            )}
          </div>
        ))}
      </SimpleGrid>
    </Panel>
  );
}

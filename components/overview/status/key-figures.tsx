"use client";

import { Skeleton } from "@mantine/core";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import { useQueueWatch } from "../../live/queue-watch";
import { isCutOff, useLiveOldSince, useOldSince } from "../../live/use-old-since";
import { hasProcessed } from "../../queues/recently-processed";
import type { RouterOutputs } from "../../trpc";
import { NoValue } from "../../ui/no-value";
import { OldFigures } from "../../ui/old-figures";
import { useNumbers } from "../../ui/use-numbers";
import classes from "./status.module.css";

type Forecast = RouterOutputs["overview"]["forecast"];

const DAY_SECONDS = 86_400;
/** A linear forecast is not meaningful beyond this. */
const FAR_DAYS = 730;

export interface ForecastQuery {
  readonly data: Forecast | undefined;
  readonly error: unknown;
  readonly dataUpdatedAt: number;
}

interface Shown {
  name: string;
  label: string;
  value: ReactNode;
  hint: ReactNode;
  ready: boolean;
  isBad?: boolean;
}

/** The current figures and forecasts. Subscribes to the queues itself, so that charts are not drawn every second. */
export function KeyFigures({ forecast: query }: { forecast: ForecastQuery }) {
  const { status, history, connection } = useQueueWatch();
  const { data: forecast } = query;
  const liveSince = useLiveOldSince();
  const forecastSince = useOldSince(query);
  const since = liveSince ?? forecastSince;
  const t = useTranslations("overview");
  const numbers = useNumbers();
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
    return ages.length === 0 ? unknown : numbers.duration(Math.max(...ages));
  };
  const drain = () => {
    if (!isKnown) return t("queueUnreachable");
    const paused = queues.filter((queue) => queue.paused);
    if (paused.length > 0) return t("drainPaused", { count: paused.length, total: queues.length });
    if (waiting === 0) return t("drainEmpty");
    if (status?.workers.length === 0) return t("drainNoWorker");
    if (drains.includes(null)) return t("drainNever");
    return t("drainIn", { time: numbers.duration(Math.max(...drains.map((seconds) => seconds ?? 0))) });
  };
  const disk = () => {
    if (!forecast) return "";
    const days = forecast.days_until_disk_full;
    if (days === 0) return t("diskOver", { limit: numbers.percent(forecast.disk_limit) });
    const limit = numbers.percent(forecast.disk_limit);
    if (!forecast.disk_is_predicted) return t("diskUnknown", { free: numbers.bytes(forecast.disk_free_bytes) });
    if (days === null || days > FAR_DAYS) return t("diskFar", { free: numbers.bytes(forecast.disk_free_bytes) });
    return t("diskIn", { limit, time: numbers.duration(days * DAY_SECONDS) });
  };

  const figures: Shown[] = [
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
      isBad: forecast?.days_until_disk_full === 0,
      ready: forecast !== undefined,
    },
    {
      name: "workers",
      label: t("workers"),
      value: numbers.count(status?.workers.length ?? 0),
      isBad: status?.workers.length === 0,
      hint: t(`backend.${status?.backend ?? "postgres"}`),
      ready: status !== null,
    },
  ];

  return (
    <div className={classes.current}>
      <OldFigures since={since} px={{ base: "md", xs: "lg" }} pt="xs">
        <dl className={classes.figures} aria-label={t("figures")}>
          {figures.map(({ name, label, value, hint, ready, isBad }) => (
            <div key={name}>
              <dt>{label}</dt>
              {ready ? (
                <>
                  <dd className={classes.value} data-bad={isBad || undefined} data-testid={`overview-${name}`}>
                    {value}
                  </dd>
                  <dd className={classes.hint}>{hint}</dd>
                </>
              ) : (
                <dd className={isCutOff(connection) ? classes.value : undefined}>
                  {isCutOff(connection) ? unknown : <Skeleton h={45} />}
                </dd>
              )}
            </div>
          ))}
        </dl>
      </OldFigures>
    </div>
  );
}

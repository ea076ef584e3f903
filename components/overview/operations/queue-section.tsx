"use client";

import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { TimePoint } from "../../charts/time-point";
import { useOldSince } from "../../live/use-old-since";
import { useTRPC } from "../../trpc";
import { OldFigures } from "../../ui/old-figures";
import { QueryError } from "../../ui/query-error";
import { useNumbers } from "../../ui/use-numbers";
import { TimeChart } from "../time-chart";
import { useLastData } from "../use-last-data";
import { freshness, type SectionProps, tableColor } from "./section-props";

/** Minimum scale of the failure rate axis, so that low rates do not look high. */
const MIN_RATE = 0.06;

/** Backlog, throughput, failures and waits of the queues over time. */
export function QueueSection({ bounds, onZoom }: SectionProps) {
  const t = useTranslations();
  const trpc = useTRPC();
  const numbers = useNumbers();
  const query = useQuery(trpc.overview.queues.queryOptions(bounds, freshness(bounds)));
  const data = useLastData(query.data);
  const points = useMemo(
    () =>
      data?.points.map(
        ({ queue_length, ...point }): TimePoint => ({
          ...point,
          ...Object.fromEntries(LOG_TABLE_NAMES.map((name) => [`queue_${name}`, queue_length[name]])),
        }),
      ) ?? null,
    [data],
  );
  const chart = { points, onZoom };
  const readAt = useLastData(query.dataUpdatedAt || undefined) ?? 0;
  const since = useOldSince({ data: data, error: query.error, dataUpdatedAt: readAt });
  if (query.error && !points) return <QueryError query={query} />;
  return (
    <OldFigures since={since} mb="xs">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <TimeChart
          {...chart}
          title={t("overview.charts.queue")}
          hint={t("overview.charts.queueHint")}
          kind="area"
          series={LOG_TABLE_NAMES.map((name, index) => ({
            name: `queue_${name}`,
            label: t(`tables.${name}`),
            color: tableColor(index),
          }))}
          format={numbers.count}
          isCount
        />
        <TimeChart
          {...chart}
          title={t("overview.charts.throughput")}
          hint={t("overview.charts.throughputHint")}
          kind="bar"
          stacked
          series={[
            { name: "inserted", label: t("queues.chart.inserted"), color: "var(--app-series-0)" },
            { name: "duplicates", label: t("queues.chart.duplicates"), color: "var(--app-series-others)" },
            { name: "dead", label: t("queues.chart.dead"), color: "var(--app-status-failed)" },
            { name: "dropped", label: t("queues.chart.dropped"), color: "var(--app-series-1)" },
          ]}
          format={numbers.perSecond}
        />
        <TimeChart
          {...chart}
          title={t("overview.charts.failures")}
          hint={t("overview.charts.failuresHint")}
          kind="line"
          series={[{ name: "failure_rate", label: t("overview.failures"), color: "var(--app-status-failed)" }]}
          format={numbers.percent}
          minScale={MIN_RATE}
        />
        <TimeChart
          {...chart}
          title={t("overview.charts.waits")}
          hint={t("overview.charts.waitsHint")}
          kind="line"
          series={[{ name: "oldest_age_seconds", label: t("overview.oldestEvent"), color: "var(--app-series-1)" }]}
          format={numbers.seconds}
        />
      </SimpleGrid>
    </OldFigures>
  );
}

"use client";

import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useOldSince } from "../../live/use-old-since";
import { useTRPC } from "../../trpc";
import { OldFigures } from "../../ui/old-figures";
import { QueryError } from "../../ui/query-error";
import { useNumbers } from "../../ui/use-numbers";
import { TimeChart } from "../time-chart";
import { TopValues } from "../top-values";
import { useLastData } from "../use-last-data";
import { freshness, type SectionProps } from "./section-props";

/** The speed of the console itself and of its database. */
export function ServiceSection({ bounds, onZoom }: SectionProps) {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const numbers = useNumbers();
  const fresh = freshness(bounds);
  const series = useQuery(trpc.overview.service.queryOptions(bounds, fresh));
  const timings = useQuery(trpc.overview.timings.queryOptions(bounds, fresh));
  const points = useLastData(series.data)?.points ?? null;
  const calls = useLastData(timings.data)?.calls;
  const readAt = useLastData(series.dataUpdatedAt || undefined) ?? 0;
  const since = useOldSince({ data: points ?? undefined, error: series.error, dataUpdatedAt: readAt });
  if (series.error && !points) return <QueryError query={series} />;
  const chart = { points, onZoom };
  return (
    <OldFigures since={since} mb="xs">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <TimeChart
          {...chart}
          title={t("charts.latency")}
          hint={t("charts.latencyHint")}
          kind="line"
          series={[
            { name: "request_p95", label: t("requests"), color: "var(--app-series-0)" },
            { name: "batch_p95", label: t("batches"), color: "var(--app-series-2)" },
          ]}
          format={numbers.seconds}
        />
        <TimeChart
          {...chart}
          title={t("charts.cache")}
          kind="line"
          series={[{ name: "cache_hit_rate", label: t("cacheHits"), color: "var(--app-series-2)" }]}
          format={numbers.percent}
          isShare
        />
        <TimeChart
          {...chart}
          title={t("charts.connections")}
          hint={t("charts.connectionsHint")}
          kind="area"
          series={[{ name: "connections", label: t("connections"), color: "var(--app-series-0)" }]}
          format={numbers.count}
          isCount
        />
        <TimeChart
          {...chart}
          title={t("longestQuery")}
          hint={t("charts.waitsHint")}
          kind="line"
          series={[{ name: "longest_query_seconds", label: t("longestQuery"), color: "var(--app-series-3)" }]}
          format={numbers.seconds}
        />
        <TopValues
          title={t("charts.calls")}
          valueLabel={t("fields.call")}
          hint={t("charts.callsHint")}
          rows={calls?.map(({ name, calls: count, p95 }) => ({ value: name, rows: count, time: p95 * 1_000 })) ?? null}
          by="time"
          countLabel={t("calls")}
          timeLabel="p95"
          empty={t("notMeasured")}
        />
      </SimpleGrid>
    </OldFigures>
  );
}

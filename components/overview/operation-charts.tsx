"use client";

import { SimpleGrid } from "@mantine/core";
import { useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { TimePoint } from "../charts/time-point";
import type { RouterOutputs } from "../trpc";
import { TimeChart } from "./time-chart";
import { TopValues } from "./top-values";
import { useNumbers } from "./use-numbers";

type Point = RouterOutputs["overview"]["series"]["points"][number];

/** Minimum scale of the failure rate axis, so that low rates do not look high. */
const MIN_RATE = 0.06;
const TABLE_COLORS = ["accent.5", "teal.6", "grape.5", "orange.5"];

interface Props {
  points: readonly Point[] | null;
  timings: RouterOutputs["overview"]["timings"] | null;
  limits: { readonly disk_limit: number } | undefined;
  onZoom: (from: number, to: number) => void;
}

/** Charts of ingestion, queries and storage. Memoized, because drawing them is slow. */
export const OperationCharts = memo(function OperationCharts({ points, timings, limits, onZoom }: Props) {
  const t = useTranslations();
  const numbers = useNumbers();
  const rows = useMemo(() => points?.map(flatten) ?? null, [points]);
  const tables = (prefix: string) =>
    LOG_TABLE_NAMES.map((name, index) => ({
      name: `${prefix}_${name}`,
      label: t(`tables.${name}`),
      color: TABLE_COLORS[index % TABLE_COLORS.length] ?? "accent.5",
    }));
  const chart = { points: rows, onZoom };
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <TimeChart
        {...chart}
        title={t("overview.charts.queue")}
        hint={t("overview.charts.queueHint")}
        kind="area"
        series={tables("queue")}
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
          { name: "inserted", label: t("queues.chart.inserted"), color: "accent.5" },
          { name: "duplicates", label: t("queues.chart.duplicates"), color: "gray.5" },
          { name: "dead", label: t("queues.chart.dead"), color: "red.6" },
        ]}
        format={numbers.perSecond}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.failures")}
        hint={t("overview.charts.failuresHint")}
        kind="line"
        series={[{ name: "failure_rate", label: t("overview.failures"), color: "red.6" }]}
        format={numbers.percent}
        minScale={MIN_RATE}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.latency")}
        hint={t("overview.charts.latencyHint")}
        kind="line"
        series={[
          { name: "request_p95", label: t("overview.requests"), color: "accent.5" },
          { name: "batch_p95", label: t("overview.batches"), color: "teal.6" },
        ]}
        format={numbers.seconds}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.storage")}
        hint={t("overview.charts.storageHint")}
        kind="area"
        stacked
        series={tables("bytes")}
        format={numbers.bytes}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.disk")}
        hint={t("overview.charts.diskHint")}
        kind="line"
        series={[
          { name: "disk_used", label: t("overview.disk"), color: "accent.5" },
          { name: "cache_hit_rate", label: t("overview.cacheHits"), color: "teal.6" },
        ]}
        format={numbers.percent}
        isShare
        limit={limits && { value: limits.disk_limit, label: "" }}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.waits")}
        hint={t("overview.charts.waitsHint")}
        kind="line"
        series={[
          { name: "oldest_age_seconds", label: t("overview.oldestEvent"), color: "orange.5" },
          { name: "longest_query_seconds", label: t("overview.longestQuery"), color: "grape.5" },
        ]}
        format={numbers.seconds}
      />
      <TimeChart
        {...chart}
        title={t("overview.charts.connections")}
        hint={t("overview.charts.connectionsHint")}
        kind="area"
        series={[{ name: "connections", label: t("overview.connections"), color: "accent.5" }]}
        format={numbers.count}
        isCount
      />
      <TopValues
        title={t("overview.charts.calls")}
        valueLabel={t("overview.fields.call")}
        hint={t("overview.charts.callsHint")}
        rows={timings?.calls.map(({ name, calls, p95 }) => ({ value: name, rows: calls, time: p95 * 1_000 })) ?? null}
        by="time"
        countLabel={t("overview.calls")}
        timeLabel="p95"
        empty={t("overview.notMeasured")}
      />
      <TopValues
        title={t("overview.charts.jobs")}
        valueLabel={t("overview.fields.job")}
        hint={t("overview.charts.jobsHint")}
        rows={
          timings?.jobs.map(({ kind, runs, mean }) => ({
            value: t(`overview.jobKinds.${kind}`),
            rows: runs,
            time: mean * 1_000,
          })) ?? null
        }
        by="time"
        countLabel={t("overview.runs")}
        empty={t("overview.noJobs")}
      />
    </SimpleGrid>
  );
});

function flatten({ queue_length, table_bytes, ...point }: Point): TimePoint {
  return {
    ...point,
    ...Object.fromEntries(LOG_TABLE_NAMES.map((name) => [`queue_${name}`, queue_length[name]])),
    ...Object.fromEntries(LOG_TABLE_NAMES.map((name) => [`bytes_${name}`, table_bytes[name]])),
  };
}

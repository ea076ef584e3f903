"use client";

import { SimpleGrid } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import type { Bounds } from "../time-range/bounds";
import { rangeBetween } from "../time-range/bounds";
import type { RouterOutputs } from "../trpc";
import { TimeChart, type TimePoint } from "./time-chart";
import { type TopValue, TopValues } from "./top-values";
import { useNumbers } from "./use-numbers";

type Traffic = RouterOutputs["monitoring"]["traffic"];

const CLASSES = [
  { name: "5xx", color: "var(--app-status-failed)" },
  { name: "4xx", color: "var(--app-status-refused)" },
  { name: "3xx", color: "var(--app-status-moved)" },
  { name: "2xx", color: "var(--app-status-good)" },
  { name: "other", color: "var(--app-status-other)" },
] as const;

interface Props {
  traffic: Traffic | null;
  bounds: Bounds;
  onZoom: (from: number, to: number) => void;
}

/** Who asks for what, how it goes and how long it takes. */
export const TrafficCharts = memo(function TrafficCharts({ traffic, bounds, onZoom }: Props) {
  const t = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const numbers = useNumbers();
  const points = useMemo(() => traffic?.points.map(flatten) ?? null, [traffic]);
  const chart = { points, onZoom };
  const logs = (filter: string) => (value: string) => {
    const query = new URLSearchParams({ ...rangeBetween(bounds, timeZone), [filter]: value });
    return `/logs/access-logs?${query}`;
  };
  const distinct = (values: Traffic["paths"] | undefined) =>
    values && t(values.is_at_least ? "distinctAtLeast" : "distinct", { count: numbers.count(values.distinct) });
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <TimeChart
        {...chart}
        title={t("charts.requests")}
        hint={traffic ? t("charts.requestsHint", { count: numbers.count(traffic.requests) }) : undefined}
        kind="bar"
        stacked
        series={CLASSES.map(({ name, color }) => ({ name, color, label: name === "other" ? t("otherClass") : name }))}
        format={numbers.count}
        isCount
        empty={t("noRows")}
      />
      <TimeChart
        {...chart}
        title={t("charts.responseTime")}
        hint={t("charts.responseTimeHint")}
        kind="line"
        series={[
          { name: "p50", label: "p50", color: "teal.6" },
          { name: "p95", label: "p95", color: "accent.5" },
        ]}
        format={numbers.milliseconds}
        empty={t("noTimes")}
      />
      <TopValues
        title={t("charts.paths")}
        hint={distinct(traffic?.paths)}
        rows={rowsOf(traffic?.paths.values)}
        by="rows"
        linkTo={logs("request_path")}
      />
      <TopValues
        title={t("charts.slowest")}
        hint={t("charts.slowestHint")}
        rows={rowsOf(traffic?.slowest)}
        by="time"
        linkTo={logs("request_path")}
      />
      <TopValues
        title={t("charts.users")}
        hint={distinct(traffic?.users)}
        rows={rowsOf(traffic?.users.values)}
        by="rows"
        linkTo={logs("user_id")}
      />
      <TopValues
        title={t("charts.regions")}
        hint={distinct(traffic?.regions)}
        rows={rowsOf(traffic?.regions.values)}
        by="rows"
      />
      <TimeChart
        {...chart}
        title={t("charts.activities")}
        hint={t("charts.activitiesHint")}
        kind="area"
        series={[
          { name: "activities", label: t("activities"), color: "accent.5" },
          { name: "users", label: t("activeUsers"), color: "teal.6" },
        ]}
        format={numbers.count}
        isCount
        empty={t("noRows")}
      />
      <TopValues
        title={t("charts.actions")}
        hint={distinct(traffic?.actions)}
        rows={rowsOf(traffic?.actions.values)}
        by="rows"
      />
    </SimpleGrid>
  );
});

function rowsOf(values: Traffic["slowest"] | undefined): TopValue[] | null {
  return values?.map(({ value, rows, mean_time }) => ({ value, rows, time: mean_time })) ?? null;
}

/** Classes that did not occur are left out, and an hour without requests is none of them. */
function flatten({ classes, requests, at, end, p50, p95, activities, users }: Traffic["points"][number]): TimePoint {
  const known = CLASSES.map(({ name }) => name).filter((name) => name !== "other");
  const other = Object.entries(classes).reduce(
    (sum, [name, rows]) => (known.some((one) => one === name) ? sum : sum + rows),
    0,
  );
  return {
    at,
    end,
    p50,
    p95,
    requests,
    activities,
    users,
    ...Object.fromEntries(known.map((name) => [name, classes[name] ?? null])),
    other: other > 0 ? other : null,
  };
}

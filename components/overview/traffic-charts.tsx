"use client";

import { SimpleGrid } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import { withoutUnitSpace } from "@/messages/cjk-spacing";
import type { TimePoint } from "../charts/time-point";
import { windowOf } from "../explore/changes/changes-window";
import { changesHref } from "../explore/changes/finding-links";
import { exploreHref } from "../explore/href";
import type { ExploreQuestion } from "../explore/state";
import type { FilterParameters } from "../filter-bar/filters";
import type { Bounds } from "../time-range/bounds";
import { rangeBetween } from "../time-range/bounds";
import type { RouterOutputs } from "../trpc";
import { TimeChart } from "./time-chart";
import { listOf, rowsOf } from "./top-lists";
import { TopValues } from "./top-values";
import { useDistinctText } from "./use-distinct-text";
import { useNumbers } from "./use-numbers";

/** Of all requests, or of those that match filters. */
export type Traffic = RouterOutputs["overview"]["filteredTraffic"];

const CLASSES = [
  { name: "5xx", color: "var(--app-status-failed)" },
  { name: "4xx", color: "var(--app-status-refused)" },
  { name: "3xx", color: "var(--app-status-moved)" },
  { name: "2xx", color: "var(--app-status-good)" },
  { name: "other", color: "var(--app-status-other)" },
  { name: "none", color: "var(--app-status-none)" },
] as const;

interface Props {
  traffic: Traffic | null;
  filters: FilterParameters;
  /** Null for all time. */
  bounds: Bounds | null;
  onZoom: (from: number, to: number) => void;
}

/** Requests by status, response times, and the top paths, users and regions. */
export const TrafficCharts = memo(function TrafficCharts({ traffic, filters, bounds, onZoom }: Props) {
  const t = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const numbers = useNumbers();
  const points = useMemo(() => traffic?.points.map(flatten) ?? null, [traffic]);
  const chart = { points, onZoom };
  const logs = (column: string) => (value: string | null) => {
    const filter: Record<string, string> = value
      ? { [column]: value }
      : { filter: value === null ? `${column}:null` : `${column}:""` };
    const all = { ...filters, ...filter };
    if (filters.filter !== undefined && filter.filter !== undefined)
      all.filter = `(${filters.filter}) and ${filter.filter}`;
    return `/logs/access-logs?${new URLSearchParams({ ...(bounds && rangeBetween(bounds, timeZone)), ...all })}`;
  };
  /** The same question in Explore, about the same time. */
  const explore = (question: Partial<ExploreQuestion>) =>
    exploreHref({ filters, ...question, range: bounds && rangeBetween(bounds, timeZone) });
  /** Explore with a chart of the same time, and what changed in a part of it. */
  const explain = (question: Partial<ExploreQuestion>) => (window: Bounds) =>
    changesHref(
      { filters, ...question, interval: "auto", range: bounds && rangeBetween(bounds, timeZone) },
      windowOf(window, Date.now()),
    );
  const times = {
    measures: [
      { fn: "p50", field: "response_time" },
      { fn: "p95", field: "response_time" },
    ],
  } as const;
  const distinct = useDistinctText();
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <TimeChart
        {...chart}
        title={t("charts.requests")}
        exploreHref={explore({ groups: ["status_class"], interval: "auto" })}
        changesHref={explain({ groups: ["status_class"] })}
        hint={
          traffic ? withoutUnitSpace(t("charts.requestsHint", { count: numbers.count(traffic.requests) })) : undefined
        }
        kind="bar"
        stacked
        series={CLASSES.map(({ name, color }) => ({
          name,
          color,
          label: name === "other" ? t("otherClass") : name === "none" ? t("none") : name,
        }))}
        format={numbers.count}
        isCount
        empty={t("noRows")}
      />
      <TimeChart
        {...chart}
        title={t("charts.responseTime")}
        exploreHref={explore({ ...times, interval: "auto" })}
        changesHref={explain(times)}
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
        exploreHref={explore({ groups: ["request_path"] })}
        valueLabel={t("fields.path")}
        hint={distinct(traffic?.paths)}
        rows={listOf(traffic?.paths)}
        others={traffic?.paths.others}
        by="rows"
        linkTo={logs("request_path")}
      />
      <TopValues
        title={t("charts.slowest")}
        exploreHref={explore({
          groups: ["request_path"],
          measures: [{ fn: "avg", field: "response_time" }, { fn: "count" }],
        })}
        valueLabel={t("fields.path")}
        hint={t("charts.slowestHint")}
        rows={rowsOf(traffic?.slowest)}
        by="time"
        linkTo={logs("request_path")}
      />
      <TopValues
        title={t("charts.users")}
        exploreHref={explore({ groups: ["user_id"] })}
        valueLabel={t("fields.user")}
        hint={distinct(traffic?.users)}
        rows={listOf(traffic?.users)}
        others={traffic?.users.others}
        by="rows"
        linkTo={logs("user_id")}
      />
      <TopValues
        title={t("charts.regions")}
        exploreHref={explore({ groups: ["region"] })}
        valueLabel={t("fields.region")}
        hint={distinct(traffic?.regions)}
        rows={listOf(traffic?.regions)}
        others={traffic?.regions.others}
        by="rows"
      />
    </SimpleGrid>
  );
});

/** Flattens a point; classes without requests are null. */
function flatten(point: Traffic["points"][number]): TimePoint {
  const { classes, requests, at, end, p50, p95 } = point;
  const { "2xx": ok = 0, "3xx": moved = 0, "4xx": refused = 0, "5xx": failed = 0, ...others } = classes;
  const other = Object.values(others).reduce((sum, rows) => sum + rows, 0);
  const none = requests - ok - moved - refused - failed - other;
  const shown = { "2xx": ok, "3xx": moved, "4xx": refused, "5xx": failed, other, none };
  return {
    at,
    end,
    p50,
    p95,
    requests,
    ...Object.fromEntries(Object.entries(shown).map(([name, rows]) => [name, rows > 0 ? rows : null])),
  };
}

"use client";

import { SimpleGrid } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { memo, useMemo } from "react";
import type { TimePoint } from "../charts/time-point";
import { windowOf } from "../explore/changes/changes-window";
import { changesHref } from "../explore/changes/finding-links";
import { exploreHref } from "../explore/href";
import type { ExploreQuestion } from "../explore/state";
import type { FilterParameters } from "../filter-bar/filters";
import type { Bounds } from "../time-range/bounds";
import { rangeBetween } from "../time-range/bounds";
import type { RouterOutputs } from "../trpc";
import { useNumbers } from "../ui/use-numbers";
import { Figure } from "./figure";
import { mergedTo } from "./merge-points";
import { TimeChart } from "./time-chart";
import { listOf, rowsOf } from "./top-lists";
import { TopValues } from "./top-values";
import classes from "./traffic-charts.module.css";
import { useDistinctText } from "./use-distinct-text";

/** Of all requests, or of those that match filters, which are not compared. */
export type Traffic = RouterOutputs["overview"]["filteredTraffic"] &
  Partial<Pick<RouterOutputs["overview"]["traffic"], "totals" | "previous">>;

const CLASSES = [
  { name: "5xx", color: "var(--app-status-failed)" },
  { name: "4xx", color: "var(--app-status-refused)" },
  { name: "3xx", color: "var(--app-status-moved)" },
  { name: "2xx", color: "var(--app-status-good)" },
  { name: "other", color: "var(--app-status-other)" },
  { name: "none", color: "var(--app-status-none)" },
] as const;
/** Minimum scale of the error rate, so that single errors do not look like an outage. */
const MIN_RATE = 0.01;

interface Props {
  traffic: Traffic | null;
  filters: FilterParameters;
  /** Null for all time. */
  bounds: Bounds | null;
  onZoom: (from: number, to: number) => void;
}

/** Requests, errors and latency compared with the period before, and the top paths, users and regions. */
export const TrafficCharts = memo(function TrafficCharts({ traffic, filters, bounds, onZoom }: Props) {
  const t = useTranslations("overview");
  const timeZone = useTimeZone() ?? "UTC";
  const numbers = useNumbers();
  const points = useMemo(() => traffic?.points.map(flatten) ?? null, [traffic]);
  const bars = useMemo(() => points && mergedTo(points), [points]);
  const previous = useMemo(() => previousOf(traffic), [traffic]);
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
  const errors = { measures: [{ fn: "error_rate" }] } as const;
  const distinct = useDistinctText();
  const overlay = (values: readonly (number | null)[] | undefined) => values && { label: t("compared.period"), values };
  const [totals, before] = [traffic && totalsOf(traffic), traffic?.previous?.totals];
  return (
    <>
      <div className={classes.charts}>
        <TimeChart
          points={bars}
          onZoom={onZoom}
          className={classes.wide}
          title={t("charts.requests")}
          exploreHref={explore({ groups: ["status_class"], interval: "auto" })}
          changesHref={explain({ groups: ["status_class"] })}
          figure={<Figure value={totals?.requests ?? null} format={numbers.count} before={before?.requests} />}
          kind="bar"
          stacked
          series={CLASSES.map(({ name, color }) => ({
            name,
            color,
            label: name === "other" ? t("otherClass") : name === "none" ? t("none") : name,
          }))}
          previous={overlay(previous?.requests)}
          format={numbers.count}
          isCount
          empty={t("noRows")}
        />
        <TimeChart
          points={points}
          onZoom={onZoom}
          title={t("charts.errors")}
          exploreHref={explore({ ...errors, interval: "auto" })}
          changesHref={explain(errors)}
          figure={
            <Figure
              value={totals && rateOf(totals)}
              format={numbers.percent}
              before={before && rateOf(before)}
              more="worse"
            />
          }
          kind="area"
          series={[{ name: "error_rate", label: t("charts.errors"), color: "var(--app-status-failed)" }]}
          previous={overlay(previous?.errors)}
          format={numbers.percent}
          minScale={MIN_RATE}
          empty={t("noRows")}
        />
        <TimeChart
          points={points}
          onZoom={onZoom}
          title={t("charts.responseTime")}
          exploreHref={explore({ ...times, interval: "auto" })}
          changesHref={explain(times)}
          figure={
            <Figure
              value={totals && (totals.p95 ?? undefined)}
              format={(value) => `p95 ${numbers.milliseconds(value)}`}
              before={before?.p95}
              more="worse"
            />
          }
          kind="line"
          series={[
            { name: "p50", label: "p50", color: "var(--app-series-2)" },
            { name: "p95", label: "p95", color: "var(--app-series-0)" },
          ]}
          previous={overlay(previous?.p95)}
          format={numbers.milliseconds}
          empty={t("noTimes")}
        />
      </div>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" mt="md">
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
    </>
  );
});

interface Totals {
  readonly requests: number;
  readonly failed: number;
  readonly p95?: number | null;
}

function totalsOf({ totals, requests, points }: Traffic): Totals {
  return totals ?? { requests, failed: points.reduce((sum, { classes: { "5xx": failed = 0 } }) => sum + failed, 0) };
}

/** Undefined without requests. */
function rateOf({ requests, failed }: Totals): number | undefined {
  return requests > 0 ? failed / requests : undefined;
}

function previousOf(traffic: Traffic | null) {
  const points = traffic?.previous?.points;
  // A line along the bottom compares with nothing.
  if (!points?.some(({ requests }) => requests > 0)) return null;
  return {
    requests: points.map(({ requests }) => requests),
    errors: points.map(({ requests, failed }) => (requests > 0 ? failed / requests : null)),
    p95: points.map(({ p95 }) => p95),
  };
}

/** Flattens a point; classes without requests are null. */
function flatten(point: Traffic["points"][number]): TimePoint {
  const { classes: counts, requests, at, end, p50, p95 } = point;
  const { "2xx": ok = 0, "3xx": moved = 0, "4xx": refused = 0, "5xx": failed = 0, ...others } = counts;
  const other = Object.values(others).reduce((sum, rows) => sum + rows, 0);
  const none = requests - ok - moved - refused - failed - other;
  const shown = { "2xx": ok, "3xx": moved, "4xx": refused, "5xx": failed, other, none };
  return {
    at,
    end,
    p50,
    p95,
    error_rate: requests > 0 ? failed / requests : null,
    ...Object.fromEntries(Object.entries(shown).map(([name, rows]) => [name, rows > 0 ? rows : null])),
  };
}

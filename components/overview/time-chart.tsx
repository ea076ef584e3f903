"use client";

import { AreaChart, BarChart, LineChart } from "@mantine/charts";
import { Anchor, Box, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useId, useMemo, useState } from "react";
import { ReferenceArea } from "recharts";
import { ticksOf } from "../logs/histogram/ticks";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import type { TimePoint, TimeSeries } from "./time-series";
import { TimeTable } from "./time-table";
import { useDragZoom } from "./use-drag-zoom";
import { useInTurn } from "./use-in-turn";

interface Props {
  title: string;
  hint?: string;
  kind: "area" | "line" | "bar";
  stacked?: boolean;
  /** Null before the first result. */
  points: readonly TimePoint[] | null;
  series: readonly TimeSeries[];
  format: (value: number) => string;
  /** A horizontal line, such as an alert threshold. */
  limit?: { value: number; label: string };
  /** Whether the values are shares: the axis ranges from 0 to 1. */
  isShare?: boolean;
  /** Whether the values are integers: no fractional ticks. */
  isCount?: boolean;
  /** The axis extends at least to this value. */
  minScale?: number;
  onZoom: (from: number, to: number) => void;
  /** Shown when there is no data. */
  empty?: string;
  /** The URL of Explore with the same question. */
  exploreHref?: string;
}

const HEIGHT = 190;
/** Above this, one rectangle per value is slow to draw and only 4 pixels wide. */
const MAX_BARS = 100;
const LABEL_WIDTH = 76;
const AXIS_WIDTH = 72;

/** A time series as a chart that zooms by dragging, or as a table that zooms by its rows. */
export function TimeChart(props: Props) {
  const { title, hint, kind, stacked = false, series, format, limit, isShare = false, onZoom, empty } = props;
  const { isCount = false, minScale = 0 } = props;
  const points = useInTurn(props.points);
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const { ref, width } = useElementSize();
  const { selection, handlers } = useDragZoom(points ?? [], onZoom);
  const ticks = useMemo(() => axisTicks(points ?? [], timeZone, width), [points, timeZone, width]);
  const shown = series.filter(({ name }) => points?.some((point) => typeof point[name] === "number"));
  const isEmpty = points !== null && shown.length === 0;
  // A line is visible only between two adjacent points.
  const isSparse = (points ?? []).filter((point) => shown.some(({ name }) => point[name] !== null)).length < 4;

  const shared = {
    h: HEIGHT,
    data: points as TimePoint[],
    dataKey: "at",
    series: shown.map(({ name, label, color }) => ({ name, label, color })),
    withLegend: shown.length > 1,
    legendProps: { verticalAlign: "bottom" as const, height: 24, itemSorter: null },
    styles: { legendItemName: { fontSize: 12 } },
    gridAxis: "x" as const,
    tickLine: "none" as const,
    xAxisProps: {
      ticks: ticks.map(({ at }) => at),
      tickFormatter: (at: string) => ticks.find((tick) => tick.at === at)?.label ?? "",
      interval: 0,
    },
    yAxisProps: isShare
      ? { width: AXIS_WIDTH, tickCount: 5, domain: [0, 1] as [number, number] }
      : {
          width: AXIS_WIDTH,
          tickCount: 4,
          allowDecimals: !isCount,
          domain: minScale > 0 ? ([0, (max: number) => Math.max(max, minScale)] as const) : undefined,
        },
    valueFormatter: format,
    tooltipProps: { labelFormatter: (at: unknown) => formatTime(String(at), timeZone) },
    referenceLines: limit ? [{ y: limit.value, label: limit.label, color: "red.6" }] : undefined,
    children: selection && (
      <ReferenceArea
        x1={selection.from}
        x2={selection.to}
        fill="var(--mantine-primary-color-filled)"
        fillOpacity={0.15}
      />
    ),
    role: "img",
    "aria-labelledby": id,
  };
  const still = { isAnimationActive: false };

  return (
    <Panel p={{ base: "md", sm: "lg" }} aria-labelledby={id} style={{ minWidth: 0 }}>
      <Group justify="space-between" mb="sm" gap="xs" wrap="nowrap" align="flex-start">
        <div>
          <Title order={3} id={id}>
            {title}
          </Title>
          {hint && (
            <Text size="xs" c="dimmed">
              {hint}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap" style={{ flex: "none" }}>
          {props.exploreHref && (
            <Anchor component={Link} prefetch={false} href={props.exploreHref} size="xs">
              {t("explore.openExplore")}
            </Anchor>
          )}
          {points !== null && !isEmpty && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              style={{ flex: "none" }}
              onClick={() => setAsTable(!asTable)}
            >
              {asTable ? t("common.showChart") : t("common.showTable")}
            </Button>
          )}
        </Group>
      </Group>
      <Box ref={ref} h={HEIGHT} style={{ userSelect: "none" }}>
        {points === null && <Skeleton h={HEIGHT} />}
        {isEmpty && (
          <Text size="sm" c="dimmed" ta="center" pt={HEIGHT / 2 - 24}>
            {empty ?? t("overview.notMeasured")}
          </Text>
        )}
        {points !== null && !isEmpty && asTable && (
          <TimeTable points={points} series={shown} format={format} height={HEIGHT} title={title} onZoom={onZoom} />
        )}
        {points !== null && !isEmpty && !asTable && kind === "area" && (
          <AreaChart
            {...shared}
            type={stacked ? "stacked" : "default"}
            withDots={isSparse}
            curveType="monotone"
            strokeWidth={1.5}
            areaProps={still}
            areaChartProps={handlers}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "line" && (
          <LineChart
            {...shared}
            withDots={isSparse}
            curveType="monotone"
            strokeWidth={1.8}
            lineProps={still}
            lineChartProps={handlers}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "bar" && points.length > MAX_BARS && (
          <AreaChart
            {...shared}
            type={stacked ? "stacked" : "default"}
            withDots={false}
            curveType="step"
            strokeWidth={0}
            fillOpacity={1}
            withGradient={false}
            areaProps={still}
            areaChartProps={handlers}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "bar" && points.length <= MAX_BARS && (
          <BarChart
            {...shared}
            type={stacked ? "stacked" : "default"}
            barProps={still}
            barChartProps={{ ...handlers, barCategoryGap: 1 }}
          />
        )}
      </Box>
    </Panel>
  );
}

function axisTicks(points: readonly TimePoint[], timeZone: string, width: number): { at: string; label: string }[] {
  const [first] = points;
  if (!first) return [];
  const seconds = (Date.parse(first.end) - Date.parse(first.at)) / 1_000;
  // A day of 23 hours counts as a day.
  const days = Math.round(seconds / 86_400);
  const step = days > 0 ? days * 86_400 : seconds;
  const maxLabels = Math.max(2, Math.floor((width - AXIS_WIDTH) / LABEL_WIDTH));
  const buckets = points.map(({ at }) => ({ at, count: 0 }));
  return ticksOf(buckets, step, timeZone, maxLabels).flatMap(({ index, label }) => {
    const point = points[index];
    return point ? [{ at: point.at, label }] : [];
  });
}

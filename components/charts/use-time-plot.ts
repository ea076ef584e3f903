"use client";

import { useElementSize } from "@mantine/hooks";
import { useTimeZone } from "next-intl";
import { useMemo } from "react";
import { ticksOf } from "../logs/histogram/ticks";
import type { TimePoint } from "./time-point";

const LABEL_WIDTH = 76;
const AXIS_WIDTH = 72;
const DAY_SECONDS = 86_400;

interface Options {
  readonly height: number;
  readonly seriesCount: number;
  readonly format: (value: number) => string;
  readonly timeLabel: (at: string) => string;
  /** The id of the element that names the chart. */
  readonly labelledBy: string;
}

/** The properties that charts over time share, with labels of local times as the width permits; `ref` measures it. */
export function useTimePlot(points: readonly TimePoint[], options: Options) {
  const timeZone = useTimeZone() ?? "UTC";
  const { ref, width } = useElementSize();
  const maxLabels = Math.max(2, Math.floor((width - AXIS_WIDTH) / LABEL_WIDTH));
  const ticks = useMemo(() => axisTicks(points, timeZone, maxLabels), [points, timeZone, maxLabels]);
  const plot = {
    h: options.height,
    data: points.map((point) => ({ ...point })),
    dataKey: "at",
    withLegend: options.seriesCount > 1,
    legendProps: { verticalAlign: "bottom" as const, height: 26, itemSorter: null },
    styles: { legendItemName: { fontSize: 12 } },
    gridAxis: "x" as const,
    tickLine: "none" as const,
    xAxisProps: {
      ticks: ticks.map(({ at }) => at),
      tickFormatter: (at: string) => ticks.find((tick) => tick.at === at)?.label ?? "",
      interval: 0,
    },
    yAxisProps: { width: AXIS_WIDTH, tickCount: 4 },
    valueFormatter: options.format,
    tooltipProps: { labelFormatter: (at: unknown) => options.timeLabel(String(at)) },
    "aria-labelledby": options.labelledBy,
  };
  return { ref, plot };
}

/** Labels of round local times under the points. */
export function axisTicks(
  points: readonly TimePoint[],
  timeZone: string,
  maxLabels: number,
): { index: number; at: string; label: string }[] {
  const [first] = points;
  if (!first) return [];
  const seconds = (Date.parse(first.end) - Date.parse(first.at)) / 1_000;
  // A day of 23 hours counts as a day.
  const days = Math.round(seconds / DAY_SECONDS);
  const step = days > 0 ? days * DAY_SECONDS : seconds;
  const buckets = points.map(({ at }) => ({ at, count: 0 }));
  return ticksOf(buckets, step, timeZone, maxLabels).flatMap(({ index, label }) => {
    const point = points[index];
    return point ? [{ index, at: point.at, label }] : [];
  });
}

"use client";

import { AreaChart, BarChart, LineChart } from "@mantine/charts";
import { Anchor, Box, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import Link from "next/link";
import { useTimeZone, useTranslations } from "next-intl";
import { useId, useState } from "react";
import { ReferenceArea } from "recharts";
import type { TimePoint } from "../charts/time-point";
import { useTimePlot } from "../charts/use-time-plot";
import { WindowMenu } from "../explore/changes/window-menu";
import { type Bounds, boundsText } from "../time-range/bounds";
import { TimeKeys } from "../time-range/time-keys";
import { ABOVE_BARS, type SelectedTime, useTimeSelection } from "../time-range/use-time-selection";
import { Panel } from "../ui/panel";
import { formatTime } from "../ui/time";
import type { TimeSeries } from "./time-series";
import { TimeTable } from "./time-table";
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
  /** The URL of a page that explains a window of time. With it, a selection opens a menu instead of zooming at once. */
  changesHref?: (window: Bounds) => string;
}

const HEIGHT = 190;
/** Above this, one rectangle per value is slow to draw and only 4 pixels wide. */
const MAX_BARS = 100;

/** A time series as a chart that zooms by dragging, or as a table that zooms by its rows. */
export function TimeChart(props: Props) {
  const { title, hint, kind, stacked = false, series, format, limit, isShare = false, onZoom, empty } = props;
  const { isCount = false, minScale = 0, changesHref } = props;
  const points = useInTurn(props.points);
  const t = useTranslations();
  const timeZone = useTimeZone() ?? "UTC";
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const [chosen, setChosen] = useState<SelectedTime | null>(null);
  const { selection, handlers, keys, isDragEnd, selectPoint } = useTimeSelection(
    points ?? [],
    kind === "bar" && (points?.length ?? 0) <= MAX_BARS,
    chosen !== null,
    (selected) => (changesHref ? setChosen(selected) : onZoom(selected.bounds.from, selected.bounds.to)),
  );
  const shown = series.filter(({ name }) => points?.some((point) => typeof point[name] === "number"));
  const isEmpty = points !== null && shown.length === 0;
  // A line is visible only between two adjacent points.
  const isSparse = (points ?? []).filter((point) => shown.some(({ name }) => point[name] !== null)).length < 4;

  const { ref, plot } = useTimePlot(points ?? [], {
    height: HEIGHT,
    seriesCount: shown.length,
    format,
    timeLabel: (at) => formatTime(at, timeZone),
    labelledBy: id,
  });
  const shared = {
    ...plot,
    series: shown.map(({ name, label, color }) => ({ name, label, color })),
    yAxisProps: isShare
      ? { ...plot.yAxisProps, tickCount: 5, domain: [0, 1] as [number, number] }
      : {
          ...plot.yAxisProps,
          allowDecimals: !isCount,
          domain: minScale > 0 ? ([0, (max: number) => Math.max(max, minScale)] as const) : undefined,
        },
    referenceLines: limit ? [{ y: limit.value, label: limit.label, color: "red.6" }] : undefined,
    children: selection?.first && selection.last && (
      <ReferenceArea
        x1={selection.first.at}
        x2={selection.last.at}
        fill="var(--mantine-primary-color-filled)"
        fillOpacity={0.15}
        zIndex={ABOVE_BARS}
        pointerEvents="none"
      />
    ),
    role: "img",
  };
  const still = { isAnimationActive: false };
  const pointer = changesHref
    ? {
        ...handlers,
        onClick: (...clicked: Parameters<typeof selectPoint>) => !isDragEnd() && selectPoint(...clicked),
        // Its own keys move the tooltip only.
        accessibilityLayer: false,
      }
    : handlers;
  const nameOf = ({ bounds }: Pick<SelectedTime, "bounds">) => boundsText(bounds, timeZone);

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
      <Box ref={ref} h={HEIGHT} pos="relative" style={{ userSelect: "none" }}>
        {points === null && <Skeleton h={HEIGHT} />}
        {isEmpty && (
          <Text size="sm" c="dimmed" ta="center" pt={HEIGHT / 2 - 24}>
            {empty ?? t("overview.notMeasured")}
          </Text>
        )}
        {points !== null && !isEmpty && asTable && (
          <TimeTable
            points={points}
            series={shown}
            format={format}
            height={HEIGHT}
            title={title}
            onZoom={onZoom}
            changesHref={changesHref}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "area" && (
          <AreaChart
            {...shared}
            type={stacked ? "stacked" : "default"}
            withDots={isSparse}
            curveType="monotone"
            strokeWidth={1.5}
            areaProps={still}
            areaChartProps={pointer}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "line" && (
          <LineChart
            {...shared}
            withDots={isSparse}
            curveType="monotone"
            strokeWidth={1.8}
            lineProps={still}
            lineChartProps={pointer}
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
            areaChartProps={pointer}
          />
        )}
        {points !== null && !isEmpty && !asTable && kind === "bar" && points.length <= MAX_BARS && (
          <BarChart
            {...shared}
            type={stacked ? "stacked" : "default"}
            barProps={still}
            barChartProps={{ ...pointer, barCategoryGap: 1 }}
          />
        )}
        {changesHref && points !== null && !isEmpty && !asTable && (
          <TimeKeys
            label={t("changes.keys", { name: title })}
            text={
              selection?.by === "keys" && selection.first && selection.last
                ? boundsText({ from: Date.parse(selection.first.at), to: Date.parse(selection.last.end) }, timeZone)
                : null
            }
            index={selection?.to ?? points.length - 1}
            count={points.length}
            keys={keys}
          />
        )}
      </Box>
      {changesHref && chosen && (
        <WindowMenu
          at={chosen}
          name={nameOf(chosen)}
          label={nameOf(chosen)}
          isBar={chosen.count === 1 && kind === "bar"}
          onClose={() => setChosen(null)}
          onZoom={() => onZoom(chosen.bounds.from, chosen.bounds.to)}
          changes={changesHref(chosen.bounds)}
        />
      )}
    </Panel>
  );
}

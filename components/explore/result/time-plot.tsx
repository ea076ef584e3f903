"use client";

import { BarChart, LineChart } from "@mantine/charts";
import { Box } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useTimeZone, useTranslations } from "next-intl";
import { useMemo } from "react";
import { ReferenceArea } from "recharts";
import { ticksOf } from "../../logs/histogram/ticks";
import { type Bounds, boundsText } from "../../time-range/bounds";
import { TimeKeys } from "../../time-range/time-keys";
import { type SelectedTime, useTimeSelection } from "../../time-range/use-time-selection";
import type { ExploreQuestion } from "../state";
import type { ExploreAnswer } from "../types";
import type { ExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";
import { type Series, type TimePoint, timeSeries } from "./series";
import type { OpenMenu } from "./value-menu";

const LABEL_WIDTH = 76;
const AXIS_WIDTH = 72;
const DAY_SECONDS = 86_400;
const STATUS_COLORS: Readonly<Record<string, string>> = {
  "5xx": "var(--app-status-failed)",
  "4xx": "var(--app-status-refused)",
  "3xx": "var(--app-status-moved)",
  "2xx": "var(--app-status-good)",
};

interface Props {
  question: ExploreQuestion;
  answer: ExploreAnswer;
  drawn: number;
  kind: "line" | "stacked";
  height: number;
  text: ExploreText;
  labelledBy: string;
  label: string;
  onOpen: OpenMenu;
  isMenuOpen: boolean;
  /** The window that is being explained. */
  marked: Bounds | null;
}

/** The answer over time. A click on a bar or a time opens its menu, as do several that are selected. */
export function TimePlot(props: Props) {
  const { question, answer, drawn, kind, height, text, labelledBy, onOpen, isMenuOpen, marked } = props;
  const t = useTranslations("explore");
  const overview = useTranslations("overview");
  const changes = useTranslations("changes");
  const timeZone = useTimeZone() ?? "UTC";
  const { ref, width } = useElementSize();
  const { series, points } = useMemo(
    () => timeSeries(question, answer, drawn, timeZone),
    [question, answer, drawn, timeZone],
  );
  const measure = question.measures[drawn];
  const ticks = useMemo(() => axisTicks(points, timeZone, width), [points, timeZone, width]);
  const openTime = ({ bounds, at, x, y }: SelectedTime) =>
    onOpen({
      place: { groups: question.groups.length === 0 ? [] : null, time: at, until: bounds.to },
      title: boundsText(bounds, timeZone),
      x,
      y,
    });
  const { selection, handlers, keys, isDragEnd, pointAt } = useTimeSelection(
    points,
    kind === "stacked",
    isMenuOpen,
    openTime,
  );
  if (!measure) return null;
  const isStatus = question.groups.length === 1 && question.groups[0] === "status_class";
  const label = ({ kind: of, groups, measure: index }: Series): string => {
    if (of === "others") return overview("others");
    if (of === "before") return t("before");
    const own = question.measures[index];
    if (of === "measure") return own ? text.measure(own) : "";
    return (groups ?? []).map((value, at) => text.group(question.groups[at] ?? "", value)).join(" · ");
  };
  const color = ({ kind: of, groups }: Series, index: number): string => {
    if (of === "others" || of === "before") return "var(--app-series-others)";
    const status = isStatus ? STATUS_COLORS[String(groups?.[0])] : undefined;
    return status ?? `var(--app-series-${index % 6})`;
  };
  const drawnSeries = series.map((one, index) => ({
    name: one.name,
    label: label(one),
    color: color(one, index),
    ...(one.kind === "before" ? { strokeDasharray: "4 3" } : {}),
  }));
  const open = (at: string, one: Series | undefined, event: { clientX: number; clientY: number }) => {
    const isGroup = one?.kind === "group";
    const point = points.find((candidate) => candidate.at === at);
    const value = one && point?.[one.name];
    const title = [
      text.bucket(at, answer.interval),
      ...(one && typeof value === "number"
        ? [`${label(one)}: ${text.amount(question.measures[one.measure] ?? measure, value)}`]
        : []),
    ].join(" · ");
    onOpen({
      place: {
        groups: isGroup ? one.groups : one?.kind === "others" ? null : question.groups.length === 0 ? [] : null,
        time: at,
      },
      title,
      x: event.clientX,
      y: event.clientY,
    });
  };
  const onClick = (_: unknown, event: Parameters<typeof pointAt>[0]) => {
    const point = pointAt(event);
    if (!point || isDragEnd()) return;
    open(point.at, question.groups.length === 0 ? series[0] : undefined, event);
  };
  const inMark = points.filter(({ at, end }) => marked && Date.parse(at) < marked.to && Date.parse(end) > marked.from);
  const areas = [
    { name: "marked", first: inMark[0], last: inMark.at(-1), color: "var(--app-series-1)" },
    { name: "selected", first: selection?.first, last: selection?.last, color: "var(--mantine-color-text)" },
  ];
  // Its own keys move the tooltip only.
  const pointer = { ...handlers, onClick, accessibilityLayer: false };
  const shared = {
    h: height,
    data: points.map((point) => ({ ...point })),
    dataKey: "at",
    withLegend: series.length > 1,
    legendProps: { verticalAlign: "bottom" as const, height: 26, itemSorter: null },
    styles: { legendItemName: { fontSize: 12 } },
    gridAxis: "x" as const,
    tickLine: "none" as const,
    xAxisProps: {
      ticks: ticks.map(({ at }) => at),
      tickFormatter: (at: string) => ticks.find((tick) => tick.at === at)?.label ?? "",
      interval: 0,
    },
    yAxisProps: { width: AXIS_WIDTH, tickCount: 4, allowDecimals: measure.fn !== "count" && measure.fn !== "distinct" },
    valueFormatter: (value: number) => text.amount(measure, value, true),
    tooltipProps: { labelFormatter: (at: unknown) => text.bucket(String(at), answer.interval) },
    children: areas.map(
      ({ name, first, last, color }) =>
        first && last && <ReferenceArea key={name} x1={first.at} x2={last.at} fill={color} fillOpacity={0.15} />,
    ),
    role: "img",
    "aria-labelledby": labelledBy,
  };
  const isSparse = points.length < 4;
  return (
    <Box ref={ref} className={classes.plot}>
      {kind === "stacked" ? (
        <BarChart
          {...shared}
          series={drawnSeries.filter((_, index) => series[index]?.kind !== "before")}
          type="stacked"
          barProps={(bar) => ({
            isAnimationActive: false,
            onClick: (data: { payload?: TimePoint }, _: number, event: React.MouseEvent) => {
              const own = series.find(({ name }) => name === bar.name);
              if (data.payload === undefined || isDragEnd()) return;
              event.stopPropagation();
              open(data.payload.at, own, event);
            },
          })}
          barChartProps={{ ...pointer, barCategoryGap: 1 }}
        />
      ) : (
        <LineChart
          {...shared}
          series={drawnSeries}
          withDots={isSparse}
          curveType="linear"
          strokeWidth={1.8}
          connectNulls={false}
          lineProps={{ isAnimationActive: false }}
          lineChartProps={pointer}
        />
      )}
      <TimeKeys
        label={changes("keys", { name: props.label })}
        text={
          selection?.by === "keys" && selection.first && selection.last
            ? boundsText({ from: Date.parse(selection.first.at), to: Date.parse(selection.last.end) }, timeZone)
            : null
        }
        index={selection?.to ?? points.length - 1}
        count={points.length}
        keys={keys}
      />
    </Box>
  );
}

function axisTicks(points: readonly TimePoint[], timeZone: string, width: number): { at: string; label: string }[] {
  const [first] = points;
  if (!first) return [];
  const seconds = (Date.parse(first.end) - Date.parse(first.at)) / 1_000;
  // A day of 23 hours counts as a day.
  const days = Math.round(seconds / DAY_SECONDS);
  const step = days > 0 ? days * DAY_SECONDS : seconds;
  const maxLabels = Math.max(2, Math.floor((width - AXIS_WIDTH) / LABEL_WIDTH));
  const buckets = points.map(({ at }) => ({ at, count: 0 }));
  return ticksOf(buckets, step, timeZone, maxLabels).flatMap(({ index, label }) => {
    const point = points[index];
    return point ? [{ at: point.at, label }] : [];
  });
}

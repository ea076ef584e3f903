"use client";

import "@mantine/charts/styles.css";
import { BarChart, LineChart } from "@mantine/charts";
import { Box } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { useMemo, useRef } from "react";
import { ReferenceArea } from "recharts";
import { ReportScale, type ScaleOf } from "../../charts/report-scale";
import type { TimePoint } from "../../charts/time-point";
import { useTimePlot } from "../../charts/use-time-plot";
import { type Bounds, boundsText } from "../../time-range/bounds";
import { TimeKeys } from "../../time-range/time-keys";
import { ABOVE_BARS, type SelectedTime, useTimeSelection } from "../../time-range/use-time-selection";
import type { ExploreQuestion } from "../state";
import type { ExploreAnswer } from "../types";
import type { ExploreText } from "../use-explore-text";
import classes from "./explore-result.module.css";
import { type Series, timeSeries } from "./series";
import type { Opened, OpenMenu } from "./value-menu";

/** A click at most this far from a line is on it, in pixels. */
const NEAR_LINE = 24;
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

/**
 * The answer over time. A click on a bar or a line opens the menu of its group in that bucket; elsewhere, and by
 * keyboard, the menu of the bucket, which lists its groups. Several buckets that are selected have a menu too.
 */
export function TimePlot(props: Props) {
  const { question, answer, drawn, kind, height, text, labelledBy, onOpen, isMenuOpen, marked } = props;
  const t = useTranslations("explore");
  const overview = useTranslations("overview");
  const changes = useTranslations("changes");
  const timeZone = useTimeZone() ?? "UTC";
  const scale = useRef<ScaleOf | null>(null);
  const { series, points } = useMemo(
    () => timeSeries(question, answer, drawn, timeZone),
    [question, answer, drawn, timeZone],
  );
  const measure = question.measures[drawn];
  const { ref, plot } = useTimePlot(points, {
    height,
    seriesCount: series.length,
    format: (value) => (measure ? text.amount(measure, value, true) : ""),
    timeLabel: (at) => text.bucket(at, answer.interval),
    labelledBy,
  });
  const openTime = ({ bounds, at, count, x, y }: SelectedTime) => {
    const point = points.find((candidate) => candidate.at === at);
    if (count === 1 && point) return openBucket(point, { x, y });
    onOpen({
      place: { groups: question.groups.length === 0 ? [] : null, time: at, until: bounds.to },
      title: boundsText(bounds, timeZone),
      x,
      y,
    });
  };
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
  const exceptShown = series.flatMap(({ kind: of, groups }) => (of === "group" && groups ? [groups] : []));
  const amountOf = (point: TimePoint, one: Series): string | undefined => {
    const value = point[one.name];
    if (typeof value !== "number") return undefined;
    return `${label(one)}: ${text.amount(question.measures[one.measure] ?? measure, value)}`;
  };
  const menuOf = (point: TimePoint, one: Series | undefined, at: { x: number; y: number }): Opened => {
    const time = text.bucket(point.at, answer.interval);
    const amount = one && amountOf(point, one);
    return {
      place: {
        groups: one?.kind === "group" ? one.groups : question.groups.length === 0 ? [] : null,
        ...(one?.kind === "others" && { except: exceptShown }),
        time: point.at,
      },
      title: amount === undefined ? time : `${time} · ${amount}`,
      ...at,
    };
  };
  /** The menu of a bucket with those of its groups, highest first as in the chart. */
  function openBucket(point: TimePoint, at: { x: number; y: number }) {
    if (question.groups.length === 0) return onOpen(menuOf(point, series[0], at));
    const parts = series
      .filter(({ name }) => point[name] !== 0)
      .flatMap((one) => {
        const amount = amountOf(point, one);
        return amount === undefined ? [] : [{ label: amount, menu: menuOf(point, one, at) }];
      });
    onOpen({ ...menuOf(point, undefined, at), parts });
  }
  const onClick = (_: unknown, event: Parameters<typeof pointAt>[0]) => {
    const point = points.find(({ at }) => at === pointAt(event)?.at);
    if (!point || isDragEnd()) return;
    const at = { x: event.clientX, y: event.clientY };
    const top = event.currentTarget.getBoundingClientRect().top;
    const [nearest] = kind === "stacked" ? [] : linesNear(series, point, at.y - top, scale.current);
    if (nearest) onOpen(menuOf(point, nearest, at));
    else openBucket(point, at);
  };
  const inMark = points.filter(({ at, end }) => marked && Date.parse(at) < marked.to && Date.parse(end) > marked.from);
  const areas = [
    { name: "marked", first: inMark[0], last: inMark.at(-1), color: "var(--app-series-1)" },
    { name: "selected", first: selection?.first, last: selection?.last, color: "var(--mantine-color-text)" },
  ];
  // Its own keys move the tooltip only.
  const pointer = { ...handlers, onClick, accessibilityLayer: false };
  const shared = {
    ...plot,
    yAxisProps: { ...plot.yAxisProps, allowDecimals: measure.fn !== "count" && measure.fn !== "distinct" },
    children: [
      <ReportScale key="scale" to={scale} />,
      ...areas.map(
        ({ name, first, last, color }) =>
          first &&
          last && (
            <ReferenceArea
              key={name}
              x1={first.at}
              x2={last.at}
              fill={color}
              fillOpacity={0.15}
              stroke={color}
              strokeOpacity={0.6}
              zIndex={ABOVE_BARS}
              pointerEvents="none"
            />
          ),
      ),
    ],
    role: "img",
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
              onOpen(menuOf(data.payload, own, { x: event.clientX, y: event.clientY }));
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

/** The lines near a height, the nearest first. */
function linesNear(series: readonly Series[], point: TimePoint, y: number, scale: ScaleOf | null): Series[] {
  return series
    .flatMap((one) => {
      const value = point[one.name];
      const at = typeof value === "number" ? scale?.(value) : undefined;
      return at === undefined || one.kind === "before" ? [] : [{ one, distance: Math.abs(at - y) }];
    })
    .filter(({ distance }) => distance <= NEAR_LINE)
    .sort((a, b) => a.distance - b.distance)
    .map(({ one }) => one);
}

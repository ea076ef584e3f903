"use client";

import { useTimeZone } from "next-intl";
import { type MouseEvent, useMemo, useState } from "react";
import { boundsText } from "../time-range/bounds";
import { areaPath, barsPath, basesOf, HEIGHT, linePath, maxOf, type Scale, scaleTo, type Values } from "./paths";
import classes from "./plot.module.css";
import type { TimePoint, TimeSeries } from "./time-point";
import { axisTicks } from "./use-time-plot";

type Pointer = (event: MouseEvent<HTMLElement>) => void;

export interface PlotProps {
  kind: "area" | "line" | "bar";
  stacked?: boolean;
  points: readonly TimePoint[];
  series: readonly TimeSeries[];
  format: (value: number) => string;
  /** The same of the period before, as a dashed line. */
  previous?: { readonly label: string; readonly values: Values };
  /** A horizontal line, such as an alert threshold. */
  limit?: number;
  /** Whether the values are shares: the axis ranges from 0 to 1. */
  isShare?: boolean;
  /** Whether the values are integers: no fractional ticks. */
  isCount?: boolean;
  /** The axis extends at least to this value. */
  minScale?: number;
  selection?: { readonly from: number; readonly to: number } | null;
  /** The id of the element that names the chart. */
  labelledBy: string;
  /** What the pointer does beside showing the values under it. */
  pointer?: {
    readonly onMouseDown: Pointer;
    readonly onMouseMove: Pointer;
    readonly onMouseUp: Pointer;
    readonly onMouseLeave: () => void;
    readonly onClick?: Pointer;
  };
}

/** Labels of times; more overlap in the narrowest charts. */
const MAX_LABELS = 5;
/** Of the width of the narrowest chart. */
const LABEL_SHARE = 0.17;
/** Of the width of the narrowest chart: half a label, which is cut off if its time is closer to an edge. */
const EDGE_SHARE = 0.12;
const FULL: Scale = { max: 1, ticks: [0, 0.5, 1] };

/**
 * A chart over time: one path for each series, in coordinates that the browser scales, so that it needs no measuring
 * and is part of the page that the server sends.
 */
export function Plot(props: PlotProps) {
  const { points, series, format, selection = null, labelledBy, pointer } = props;
  const timeZone = useTimeZone() ?? "UTC";
  const [pointed, setPointed] = useState<number | null>(null);
  const scale = useScale(props);
  const count = points.length;
  const ticks = useMemo(
    () =>
      axisTicks(points, timeZone, MAX_LABELS).filter(({ index }, at, all) => {
        const next = all[at + 1];
        if (next === undefined) return true;
        // The labels at the edges are beside their times, not centered.
        const isAtEdge = index / count < EDGE_SHARE || next.index / count > 1 - EDGE_SHARE;
        return (next.index - index) / count >= LABEL_SHARE + (isAtEdge ? EDGE_SHARE : 0);
      }),
    [points, timeZone, count],
  );
  const shown = pointed !== null && pointed < count && selection === null ? pointed : null;
  const place = (event: MouseEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * count);
    setPointed(index >= 0 && index < count ? index : null);
  };
  return (
    <div className={classes.chart}>
      <div className={classes.scale} aria-hidden>
        {scale.ticks.map((tick) => (
          <span key={tick} style={{ bottom: `${(tick / scale.max) * 100}%` }}>
            {format(tick)}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: TimeKeys and the table offer the same by keyboard. */}
      <div
        className={classes.plot}
        {...pointer}
        onMouseMove={(event) => {
          place(event);
          pointer?.onMouseMove(event);
        }}
        onMouseLeave={() => {
          setPointed(null);
          pointer?.onMouseLeave();
        }}
      >
        {/* biome-ignore lint/a11y/noSvgWithoutTitle: named by the heading of the chart. */}
        <svg
          data-plot-area
          className={classes.svg}
          viewBox={`0 0 ${count} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={labelledBy}
        >
          {shown !== null && <rect className={classes.pointed} x={shown} width={1} height={HEIGHT} />}
          <Marks {...props} scale={scale} />
          {selection && (
            <rect
              className={classes.selection}
              x={Math.min(selection.from, selection.to)}
              width={Math.abs(selection.to - selection.from) + 1}
              height={HEIGHT}
            />
          )}
        </svg>
        {shown !== null && <Tooltip {...props} index={shown} timeZone={timeZone} />}
      </div>
      <div className={classes.times} aria-hidden>
        {ticks.map(({ index, label }) => (
          <span
            key={index}
            data-first={index / count < EDGE_SHARE || undefined}
            data-last={index / count > 1 - EDGE_SHARE || undefined}
            style={{ left: `${(index / count) * 100}%` }}
          >
            {label}
          </span>
        ))}
      </div>
      <Legend series={series} previous={props.previous} />
    </div>
  );
}

function useScale({
  points,
  series,
  stacked = false,
  kind,
  previous,
  isShare,
  isCount = false,
  minScale = 0,
}: PlotProps) {
  return useMemo(() => {
    if (isShare) return FULL;
    const values = series.map(({ name }) => valuesOf(points, name));
    const max = Math.max(minScale, maxOf(values, stacked && kind !== "line"), maxOf([previous?.values ?? []], false));
    return scaleTo(max, isCount);
  }, [points, series, stacked, kind, previous, isShare, isCount, minScale]);
}

function Marks({ kind, stacked = false, points, series, previous, limit, scale }: PlotProps & { scale: Scale }) {
  const count = points.length;
  const paths = useMemo(() => {
    const values = series.map(({ name }) => valuesOf(points, name));
    const bases = stacked ? basesOf(values) : values.map(() => []);
    return values.map((own, index) => {
      const base = bases[index] ?? [];
      const sums = stacked ? own.map((value, at) => (value === null ? null : value + (base[at] ?? 0))) : own;
      return {
        fill: kind === "bar" ? barsPath(own, base, scale.max) : kind === "area" ? areaPath(own, base, scale.max) : null,
        line: kind === "bar" ? null : linePath(sums, scale.max),
      };
    });
  }, [points, series, stacked, kind, scale]);
  const y = (value: number) => HEIGHT - (value / scale.max) * HEIGHT;
  return (
    <>
      {scale.ticks.map((tick) => (
        <line key={tick} className={tick === 0 ? classes.base : classes.grid} x2={count} y1={y(tick)} y2={y(tick)} />
      ))}
      {series.map(({ name, color }, index) => (
        <g key={name}>
          {paths[index]?.fill && (
            <path
              d={paths[index].fill}
              style={{ fill: color }}
              fillOpacity={kind === "bar" ? 1 : stacked ? 0.45 : 0.12}
            />
          )}
          {paths[index]?.line && <path d={paths[index].line} className={classes.line} style={{ stroke: color }} />}
        </g>
      ))}
      {previous && <path className={classes.previous} d={linePath(previous.values.slice(0, count), scale.max)} />}
      {limit !== undefined && <line className={classes.limit} x2={count} y1={y(limit)} y2={y(limit)} />}
    </>
  );
}

function Tooltip({
  points,
  series,
  format,
  previous,
  index,
  timeZone,
}: PlotProps & { index: number; timeZone: string }) {
  const point = points[index];
  if (!point) return null;
  const before = previous?.values[index];
  const share = (index + 0.5) / points.length;
  const side = share < 0.5 ? { left: `calc(${share * 100}% + 12px)` } : { right: `calc(${(1 - share) * 100}% + 12px)` };
  return (
    <div className={classes.tooltip} style={side}>
      <span className={classes.time}>
        {boundsText({ from: Date.parse(point.at), to: Date.parse(point.end) }, timeZone)}
      </span>
      {series.map(({ name, label, color }) => {
        const value = point[name];
        return (
          typeof value === "number" && (
            <div key={name}>
              <span className={classes.swatch} style={{ background: color }} />
              {label}
              <b>{format(value)}</b>
            </div>
          )
        );
      })}
      {previous && typeof before === "number" && (
        <div>
          <span className={classes.swatch} data-dashed />
          {previous.label}
          <b>{format(before)}</b>
        </div>
      )}
    </div>
  );
}

function Legend({ series, previous }: Pick<PlotProps, "series" | "previous">) {
  if (series.length < 2 && !previous) return null;
  return (
    <ul className={classes.legend} style={{ gridColumn: "1 / -1" }}>
      {series.map(({ name, label, color }) => (
        <li key={name}>
          <span className={classes.swatch} style={{ background: color }} aria-hidden />
          {label}
        </li>
      ))}
      {previous && (
        <li>
          <span className={classes.swatch} data-dashed aria-hidden />
          {previous.label}
        </li>
      )}
    </ul>
  );
}

function valuesOf(points: readonly TimePoint[], name: string): Values {
  return points.map((point) => {
    const value = point[name];
    return typeof value === "number" ? value : null;
  });
}

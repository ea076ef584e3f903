"use client";

import { Button } from "@mantine/core";
import { IconZoomIn } from "@tabler/icons-react";
import { useTimeZone, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { WindowMenu } from "../../explore/changes/window-menu";
import type { Bounds } from "../../time-range/bounds";
import { useNumberText } from "../../ui/use-number-text";
import { type Histogram, type Kind, niceMaximum, positionOf } from "./buckets";
import { HistogramBars } from "./histogram-bars";
import { BarNumbers, HistogramTooltip } from "./histogram-tooltip";
import classes from "./log-histogram.module.css";
import { ticksOf } from "./ticks";
import { type SelectedBars, useBarSelection } from "./use-bar-selection";
import { useBucketText } from "./use-bucket-text";

export const PLOT_HEIGHT = 64;
/** Pixels between labels under the bars. */
const LABEL_WIDTH = 72;
/** A label closer to an end would be truncated. */
const LABEL_MARGIN = 22;

interface Props {
  histogram: Histogram;
  kinds: readonly Kind[];
  /** The total width of the bars in pixels. */
  width: number;
  onZoom: (from: number, to: number) => void;
  /** Called with bars to be explained; without it, a selection zooms at once. */
  onChanges?: (from: number, to: number) => void;
  /** The window that is being explained. */
  marked: Bounds | null;
}

/** The chart, in which time ranges can be selected. A custom SVG instead of a chart library (docs/decisions/0017). */
export function HistogramChart({ histogram, kinds, width, onZoom, onChanges, marked }: Props) {
  const t = useTranslations("logHistogram");
  const { compact } = useNumberText();
  const timeZone = useTimeZone() ?? "UTC";
  const { buckets } = histogram;
  const [chosen, setChosen] = useState<SelectedBars | null>(null);
  const { selection, select, clear, handlers } = useBarSelection(buckets.length, onChanges !== undefined, (bars) =>
    onChanges ? setChosen(bars) : onZoom(bars.from, bars.to),
  );
  const close = () => {
    setChosen(null);
    clear();
  };
  const { times, rows } = useBucketText(histogram);
  const maximum = useMemo(() => niceMaximum(Math.max(...buckets.map(({ count }) => count))), [buckets]);
  const ticks = useMemo(
    () => ticksOf(buckets, histogram.bucket_seconds, timeZone, Math.max(1, Math.floor(width / LABEL_WIDTH))),
    [buckets, histogram.bucket_seconds, timeZone, width],
  );
  const slot = width / buckets.length;
  const current = selection ?? { from: buckets.length - 1, to: buckets.length - 1 };
  const first = Math.min(current.from, current.to);
  const last = Math.max(current.from, current.to);
  const selected = buckets.slice(first, last + 1).reduce((sum, { count }) => sum + count, 0);

  return (
    <div className={classes.chart}>
      <div className={classes.scale} aria-hidden>
        {[maximum, maximum / 2].map((value) => (
          <span key={value}>{Number.isInteger(value) && compact(value)}</span>
        ))}
        <span>0</span>
      </div>
      <div
        className={classes.plot}
        role="slider"
        tabIndex={0}
        aria-label={t(onChanges ? "labelMenu" : "label")}
        aria-valuemin={1}
        aria-valuemax={buckets.length}
        aria-valuenow={current.to + 1}
        aria-valuetext={t("value", { ...times(first, last), count: rows(selected) })}
        data-testid="histogram-plot"
        {...handlers}
      >
        <svg width={width} height={PLOT_HEIGHT} className={classes.svg} aria-hidden>
          {[0, 0.5].map((share) => (
            <line
              key={share}
              className={classes.grid}
              x1={0}
              x2={width}
              y1={share * PLOT_HEIGHT + 0.5}
              y2={share * PLOT_HEIGHT + 0.5}
            />
          ))}
          <HistogramBars histogram={histogram} kinds={kinds} maximum={maximum} width={width} height={PLOT_HEIGHT} />
          <line className={classes.base} x1={0} x2={width} y1={PLOT_HEIGHT - 0.5} y2={PLOT_HEIGHT - 0.5} />
          {marked && <Mark histogram={histogram} marked={marked} width={width} />}
          {selection && (
            <rect
              className={classes.selection}
              data-by={selection.by}
              x={first * slot}
              y={0}
              width={(last - first + 1) * slot}
              height={PLOT_HEIGHT}
            />
          )}
        </svg>
        {selection && selection.by !== "chosen" && (
          <HistogramTooltip histogram={histogram} kinds={kinds} from={first} to={last} />
        )}
        <div className={classes.times} aria-hidden>
          {ticks
            .filter(({ index }) => index * slot >= LABEL_MARGIN && index * slot <= width - LABEL_MARGIN)
            .map(({ index, label }) => (
              <span key={index} style={{ left: index * slot }}>
                {label}
              </span>
            ))}
        </div>
      </div>
      {selection?.by === "touch" && (
        <Button
          size="compact-sm"
          className={classes.zoom}
          leftSection={<IconZoomIn size={14} />}
          onClick={() => select()}
        >
          {t("zoomSelected")}
        </Button>
      )}
      {onChanges && chosen && (
        <WindowMenu
          at={chosen}
          name={`${times(first, last).from} – ${times(first, last).to}`}
          label={<BarNumbers histogram={histogram} kinds={kinds} from={first} to={last} />}
          isBar={first === last}
          onClose={close}
          onZoom={() => onZoom(chosen.from, chosen.to)}
          changes={() => onChanges(chosen.from, chosen.to)}
        />
      )}
    </div>
  );
}

/** The window that is being explained. */
function Mark({ histogram, marked, width }: { histogram: Histogram; marked: Bounds; width: number }) {
  const [from, to] = [positionOf(marked.from, histogram) * width, positionOf(marked.to, histogram) * width];
  if (to <= from) return null;
  return <rect className={classes.mark} x={from} y={0} width={Math.max(2, to - from)} height={PLOT_HEIGHT} />;
}

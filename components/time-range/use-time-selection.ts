"use client";

import { type KeyboardEvent, useRef, useState } from "react";
import type { Bounds } from "./bounds";
import { type BarRange, movedSelection } from "./move-selection";

/** The layer of a selected area: bars would hide it, and are in layer 300 of recharts. */
export const ABOVE_BARS = 350;

/** Its grid is as wide as the values of a chart. */
const PLOT_AREA = ".recharts-cartesian-grid, [data-plot-area]";
/** Pixels around it that belong to it. */
const MARGIN = 8;

interface Point {
  readonly at: string;
  /** Exclusive. */
  readonly end: string;
}

interface Place {
  readonly clientX: number;
  readonly clientY: number;
}

interface ChartEvent extends Place {
  readonly currentTarget: Element;
}

/** A selected part of a chart over time, and where on the screen its menu opens. */
export interface SelectedTime {
  readonly bounds: Bounds;
  /** The start of its first point. */
  readonly at: string;
  readonly count: number;
  readonly x: number;
  readonly y: number;
}

interface Selection extends BarRange {
  /** `chosen`: while its menu is open. */
  readonly by: "drag" | "keys" | "chosen";
}

/**
 * Selects a part of a chart over time by dragging, by keyboard, or with one point by a click or tap.
 * @param isBand whether points have widths, as bars do; the first and last of others are at the ends of the chart
 * @param isMenuOpen whether the menu of the selection is open; until it closes, the selection remains
 * @param onSelect called with the points from the first to the last
 */
export function useTimeSelection(
  points: readonly Point[],
  isBand: boolean,
  isMenuOpen: boolean,
  onSelect: (selected: SelectedTime) => void,
) {
  const [stored, setStored] = useState<Selection | null>(null);
  const wasDragged = useRef(false);
  /** The point at which the button was pressed; -1 while it is not. */
  const start = useRef(-1);
  const isOver = stored === null || (stored.by === "chosen" && !isMenuOpen) || points.length === 0;
  const last = points.length - 1;
  const selection = isOver ? null : { ...stored, from: Math.min(stored.from, last), to: Math.min(stored.to, last) };
  // The chart's own pointed value is that of the frame before, and unknown after a tap.
  const indexAt = ({ clientX, clientY, currentTarget }: ChartEvent, isOutsideValid = false) => {
    const area = currentTarget.querySelector(PLOT_AREA)?.getBoundingClientRect();
    if (!area || area.width === 0) return -1;
    const isOutside =
      Math.max(area.left - clientX, clientX - area.right, area.top - clientY, clientY - area.bottom) > MARGIN;
    if (isOutside && !isOutsideValid) return -1;
    const share = (clientX - area.left) / area.width;
    const index = isBand ? Math.floor(share * points.length) : Math.round(share * last);
    return Math.max(0, Math.min(last, index));
  };

  const select = ({ from, to }: BarRange, { clientX, clientY }: Place) => {
    const [first, final] = [points[Math.min(from, to)], points[Math.max(from, to)]];
    if (!first || !final) return;
    setStored({ from, to, by: "chosen" });
    const bounds = { from: Date.parse(first.at), to: Date.parse(final.end) };
    onSelect({ bounds, at: first.at, count: Math.abs(to - from) + 1, x: clientX, y: clientY });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const keys = selection?.by === "keys" ? selection : null;
    const moved = movedSelection(event, keys, points.length);
    if (moved) setStored({ ...moved, by: "keys" });
    else if ((event.key === "Enter" || event.key === " ") && keys) {
      const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
      const middle = (keys.from + keys.to + 1) / 2 / points.length;
      select(keys, { clientX: left + width * middle, clientY: top + height / 2 });
    } else if (event.key === "Escape" && keys) setStored(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return {
    selection: selection && {
      ...selection,
      first: points[Math.min(selection.from, selection.to)],
      last: points[Math.max(selection.from, selection.to)],
    },
    /** Returns whether the click that is handled ended a drag. */
    isDragEnd: () => wasDragged.current,
    keys: { onKeyDown, onBlur: () => setStored((now) => (now?.by === "keys" ? null : now)) },
    handlers: {
      // Only a move changes what is drawn: elements that are drawn again between a press and a release get no click.
      onMouseDown: (_: unknown, event: ChartEvent) => {
        wasDragged.current = false;
        start.current = indexAt(event);
      },
      onMouseMove: (_: unknown, event: ChartEvent) => {
        if (start.current < 0) return;
        const at = indexAt(event, true);
        if (at >= 0 && at !== (selection?.by === "drag" ? selection.to : start.current))
          setStored({ from: start.current, to: at, by: "drag" });
      },
      onMouseUp: (_: unknown, event: ChartEvent) => {
        start.current = -1;
        if (selection?.by !== "drag") return;
        wasDragged.current = selection.from !== selection.to;
        if (wasDragged.current) select(selection, event);
        else setStored(null);
      },
      onMouseLeave: () => {
        start.current = -1;
        setStored((now) => (now?.by === "drag" ? null : now));
      },
    },
    pointAt: (event: ChartEvent) => points[indexAt(event)],
    /** Selects a single point. */
    selectPoint: (_: unknown, event: ChartEvent) => {
      const at = indexAt(event);
      if (at >= 0) select({ from: at, to: at }, event);
    },
  };
}

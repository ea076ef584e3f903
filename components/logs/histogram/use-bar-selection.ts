"use client";

import { type KeyboardEvent, type PointerEvent, type TouchEvent, useState } from "react";
import { movedSelection } from "../../time-range/move-selection";
import { bucketAt } from "./buckets";

interface Selection {
  /** The first selected bar; equal to `to` while only one bar is under the pointer. */
  from: number;
  to: number;
  /** `chosen`: while its menu is open. */
  by: "hover" | "drag" | "keys" | "touch" | "chosen";
}

/** Where the menu opens for the keyboard, in pixels below the top of the chart. */
const MENU_TOP = 40;

/** Selected bars in either order, and where on the screen their menu opens. */
export interface SelectedBars {
  readonly from: number;
  readonly to: number;
  readonly x: number;
  readonly y: number;
}

/**
 * The bars under the pointer, or selected by mouse, touch or keyboard.
 * @param hasMenu whether a menu opens for a selection, until which is closed it remains; otherwise a touch needs a button
 * @param onSelect called with the first and last bar, in either order
 */
export function useBarSelection(buckets: number, hasMenu: boolean, onSelect: (selected: SelectedBars) => void) {
  const [selected, setSelected] = useState<Selection | null>(null);
  // The number of bars may have decreased since.
  const selection = selected && {
    ...selected,
    from: Math.min(selected.from, buckets - 1),
    to: Math.min(selected.to, buckets - 1),
  };

  const barUnder = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return bucketAt(event.clientX - left, width, buckets);
  };

  const select = (x = 0, y = 0) => {
    if (!selection) return;
    setSelected(hasMenu ? { ...selection, by: "chosen" } : null);
    onSelect({ from: selection.from, to: selection.to, x, y });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const moved = movedSelection(event, selection, buckets);
    if (moved) {
      setSelected({ ...moved, by: "keys" });
    } else if (event.key === "Enter" || event.key === " ") {
      const { left, top, width } = event.currentTarget.getBoundingClientRect();
      const middle = selection ? (selection.from + selection.to + 1) / 2 / buckets : 0;
      select(left + width * middle, top + MENU_TOP);
    } else if (event.key === "Escape" && selection) {
      setSelected(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return {
    selection,
    select,
    clear: () => setSelected(null),
    handlers: {
      onKeyDown,
      onBlur: () => setSelected((now) => (now?.by === "keys" ? null : now)),
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0 || selection?.by === "chosen") return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const bar = barUnder(event);
        setSelected({ from: bar, to: bar, by: "drag" });
      },
      onPointerMove: (event: PointerEvent) => {
        if (selection?.by === "chosen") return;
        const bar = barUnder(event);
        if (selection?.by === "drag") setSelected({ ...selection, to: bar });
        else if (event.pointerType === "mouse") setSelected({ from: bar, to: bar, by: "hover" });
      },
      onPointerUp: (event: PointerEvent) => {
        if (selection?.by !== "drag") return;
        // A finger covers several bars: a tap shows the values first.
        if (!hasMenu && event.pointerType !== "mouse" && selection.from === selection.to)
          setSelected({ ...selection, by: "touch" });
        else select(event.clientX, event.clientY);
      },
      // The mouse events that browsers derive from a tap would click the menu or close it.
      onTouchEnd: (event: TouchEvent) => {
        if (hasMenu && event.cancelable) event.preventDefault();
      },
      onPointerLeave: () => setSelected((now) => (now?.by === "hover" ? null : now)),
      onPointerCancel: () => setSelected(null),
    },
  };
}

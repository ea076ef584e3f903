"use client";

import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { bucketAt } from "./buckets";

interface Selection {
  /** The first selected bar; equal to `to` while only one bar is under the pointer. */
  from: number;
  to: number;
  by: "hover" | "drag" | "keys" | "touch";
}

const PAGE = 10;

/**
 * The bars under the pointer, or selected by mouse, touch or keyboard.
 * @param onZoom called with the first and last bar, in either order
 */
export function useBarSelection(buckets: number, onZoom: (from: number, to: number) => void) {
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

  const zoom = () => {
    if (!selection) return;
    setSelected(null);
    onZoom(selection.from, selection.to);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // The first step to the left shows the last bar.
    const at = selection?.to ?? buckets;
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageUp: at - PAGE,
      PageDown: at + PAGE,
      Home: 0,
      End: buckets - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) {
      const to = Math.max(0, Math.min(buckets - 1, target));
      setSelected({ from: event.shiftKey ? (selection?.from ?? to) : to, to, by: "keys" });
    } else if (event.key === "Enter" || event.key === " ") {
      zoom();
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
    zoom,
    clear: () => setSelected(null),
    handlers: {
      onKeyDown,
      onBlur: () => setSelected((now) => (now?.by === "keys" ? null : now)),
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const bar = barUnder(event);
        setSelected({ from: bar, to: bar, by: "drag" });
      },
      onPointerMove: (event: PointerEvent) => {
        const bar = barUnder(event);
        if (selection?.by === "drag") setSelected({ ...selection, to: bar });
        else if (event.pointerType === "mouse") setSelected({ from: bar, to: bar, by: "hover" });
      },
      onPointerUp: (event: PointerEvent) => {
        if (selection?.by !== "drag") return;
        // A finger covers several bars: a tap shows the values, and a button zooms.
        if (event.pointerType !== "mouse" && selection.from === selection.to)
          setSelected({ ...selection, by: "touch" });
        else zoom();
      },
      onPointerLeave: () => setSelected((now) => (now?.by === "hover" ? null : now)),
      onPointerCancel: () => setSelected(null),
    },
  };
}

"use client";

import { useState } from "react";

interface Pointed {
  readonly activeLabel?: string | number;
}

/** Selects a time range by dragging across a chart. */
export function useDragZoom(
  points: readonly { readonly at: string; readonly end: string }[],
  onZoom: (from: number, to: number) => void,
) {
  const [selection, setSelection] = useState<{ from: string; to: string } | null>(null);
  const labelOf = ({ activeLabel }: Pointed) => (activeLabel === undefined ? null : String(activeLabel));
  return {
    selection: selection && selection.from !== selection.to ? selection : null,
    handlers: {
      onMouseDown: (pointed: Pointed) => {
        const at = labelOf(pointed);
        if (at !== null) setSelection({ from: at, to: at });
      },
      onMouseMove: (pointed: Pointed) => {
        const at = labelOf(pointed);
        if (selection !== null && at !== null) setSelection({ from: selection.from, to: at });
      },
      onMouseUp: () => {
        setSelection(null);
        if (selection === null || selection.from === selection.to) return;
        const [from = "", to = ""] = [selection.from, selection.to].sort();
        const end = points.find(({ at }) => at === to)?.end ?? to;
        onZoom(Date.parse(from), Date.parse(end));
      },
      onMouseLeave: () => setSelection(null),
    },
  };
}

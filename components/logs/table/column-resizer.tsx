"use client";

import type { PointerEvent } from "react";
import classes from "./header-cell.module.css";

interface Props {
  onResize: (width: number, isFinal: boolean) => void;
  onReset: () => void;
}

/** The edge of a header, dragged to resize its column. By keyboard, Shift and an arrow key do the same. */
export function ColumnResizer({ onResize, onReset }: Props) {
  const start = (event: PointerEvent<HTMLSpanElement>) => {
    const handle = event.currentTarget;
    const cell = handle.closest("th");
    if (!cell || event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const { clientX } = event;
    const width = cell.offsetWidth;
    const stop = new AbortController();
    const follow = (move: globalThis.PointerEvent) => onResize(width + move.clientX - clientX, false);
    const finish = (end: globalThis.PointerEvent) => {
      stop.abort();
      if (end.clientX !== clientX) onResize(width + end.clientX - clientX, true);
    };
    handle.addEventListener("pointermove", follow, { signal: stop.signal });
    handle.addEventListener("pointerup", finish, { signal: stop.signal });
    handle.addEventListener("pointercancel", finish, { signal: stop.signal });
  };
  // Not draggable, because the header around it is dragged to change the order.
  return (
    <span
      className={classes.resizer}
      aria-hidden
      draggable
      onDragStart={(event) => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown={start}
      onDoubleClick={onReset}
    />
  );
}

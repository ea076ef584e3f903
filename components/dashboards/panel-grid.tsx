"use client";

import { type PointerEvent, useCallback, useRef, useState } from "react";
import { GRID } from "@/server/catalog/dashboards";
import type { TimeRange } from "../time-range/range";
import type { Panel } from "./dashboard";
import classes from "./dashboards.module.css";
import { inOrder, rearranged } from "./layout";
import { PanelCard } from "./panel-card";

/** Equal to the style sheet. */
const ROW = 72;
const GAP = 16;
/** The engine runs two statements of a user at once. */
const MAX_RUNNING = 2;

interface Props {
  panels: readonly Panel[];
  range: TimeRange;
  filter: string;
  now: number;
  /** Undefined unless the dashboard is edited. */
  onChange?: (panels: Panel[]) => void;
  onRename: (panel: Panel) => void;
}

/** The panels in their cells; on a phone below each other. While edited, they are dragged or moved by arrow keys. */
export function PanelGrid({ panels, range, filter, now, onChange, onRename }: Props) {
  const grid = useRef<HTMLUListElement>(null);
  const [dragged, setDragged] = useState<{ id: string; panels: Panel[] } | null>(null);
  const { isDue, onSettled } = useTurns(panels, JSON.stringify([range, filter, now]));

  const drag = (event: PointerEvent<HTMLElement>, id: string, kind: "move" | "resize") => {
    const panel = panels.find((one) => one.id === id);
    if (!panel || !grid.current || !onChange || event.button !== 0) return;
    const target = event.currentTarget;
    const cell = (grid.current.clientWidth + GAP) / GRID.columns;
    const from = { x: event.pageX, y: event.pageY };
    const { pointerId } = event;
    let latest: Panel[] | null = null;
    target.setPointerCapture(pointerId);
    const move = (moved: globalThis.PointerEvent) => {
      const right = Math.round((moved.pageX - from.x) / cell);
      const down = Math.round((moved.pageY - from.y) / (ROW + GAP));
      const change =
        kind === "move" ? { x: panel.x + right, y: panel.y + down } : { w: panel.w + right, h: panel.h + down };
      latest = rearranged(panels, id, change);
      setDragged({ id, panels: latest });
    };
    const end = (ended: globalThis.PointerEvent) => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      setDragged(null);
      if (latest && ended.type === "pointerup") onChange(latest);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  };

  return (
    <ul className={classes.grid} ref={grid} data-editing={onChange ? true : undefined}>
      {(dragged?.panels ?? panels).map((panel) => (
        <li
          key={panel.id}
          className={classes.cell}
          data-dragged={dragged?.id === panel.id || undefined}
          style={{
            gridColumn: `${panel.x + 1} / span ${panel.w}`,
            gridRow: `${panel.y + 1} / span ${panel.h}`,
            minHeight: heightOf(panel),
          }}
        >
          <PanelCard
            panel={panel}
            range={range}
            filter={filter}
            now={now}
            height={heightOf(panel)}
            isDue={isDue(panel.id)}
            onSettled={onSettled}
            edit={
              onChange && {
                onDrag: drag,
                onPlace: (id, change) => onChange(rearranged(panels, id, change)),
                onRename,
                onRemove: ({ id }) => onChange(panels.filter((one) => one.id !== id)),
              }
            }
          />
        </li>
      ))}
    </ul>
  );
}

function heightOf({ h }: Panel): number {
  return h * ROW + (h - 1) * GAP;
}

/** Lets a few panels load at once, in their order. `key` changes with what all of them display. */
function useTurns(panels: readonly Panel[], key: string) {
  const [settled, setSettled] = useState<{ key: string; ids: readonly string[] }>({ key, ids: [] });
  const done = settled.key === key ? settled.ids : [];
  const running = inOrder(panels)
    .filter(({ id }) => !done.includes(id))
    .slice(0, MAX_RUNNING)
    .map(({ id }) => id);
  const onSettled = useCallback(
    (id: string) =>
      setSettled((current) => {
        const ids = current.key === key ? current.ids : [];
        return ids.includes(id) ? current : { key, ids: [...ids, id] };
      }),
    [key],
  );
  return { isDue: (id: string) => done.includes(id) || running.includes(id), onSettled };
}

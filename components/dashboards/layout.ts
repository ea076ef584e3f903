import { GRID } from "@/server/catalog/dashboards";

/** A panel's cells in the grid. */
export interface Place {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function overlaps(one: Place, other: Place): boolean {
  return (
    one.id !== other.id &&
    one.x < other.x + other.w &&
    other.x < one.x + one.w &&
    one.y < other.y + other.h &&
    other.y < one.y + one.h
  );
}

function isFree(place: Place, placed: readonly Place[]): boolean {
  return !placed.some((other) => overlaps(place, other));
}

/** The panels from top to bottom, then from left to right: the order in which they are read, and that on a phone. */
export function inOrder<P extends Place>(panels: readonly P[]): P[] {
  return [...panels].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Moves each panel down until nothing overlaps, then up as far as nothing is in its way. */
function settled<P extends Place>(panels: readonly P[]): P[] {
  const placed: P[] = [];
  for (const panel of panels) {
    let y = panel.y;
    while (!isFree({ ...panel, y }, placed)) y++;
    while (y > 0 && isFree({ ...panel, y: y - 1 }, placed)) y--;
    placed.push({ ...panel, y });
  }
  return placed;
}

/** Removes overlaps and empty rows. The order of the array is preserved, so that panels keep their elements. */
export function compacted<P extends Place>(panels: readonly P[]): P[] {
  const byId = new Map(settled(inOrder(panels)).map((panel) => [panel.id, panel]));
  return panels.map((panel) => byId.get(panel.id) ?? panel);
}

/** Moves or resizes a panel within the grid; the others make room. */
export function rearranged<P extends Place>(panels: readonly P[], id: string, change: Partial<Omit<Place, "id">>): P[] {
  const panel = panels.find((one) => one.id === id);
  if (!panel) return [...panels];
  const w = clamped(change.w ?? panel.w, GRID.minWidth, GRID.columns - (change.w === undefined ? 0 : panel.x));
  const h = clamped(change.h ?? panel.h, GRID.minHeight, GRID.maxHeight);
  const x = clamped(change.x ?? panel.x, 0, GRID.columns - w);
  const y = clamped(change.y ?? panel.y, 0, GRID.maxRows);
  const moved = { ...panel, x, y, w, h };
  const placed: P[] = [moved];
  for (const other of inOrder(panels.filter((one) => one.id !== id))) {
    let below = other.y;
    while (!isFree({ ...other, y: below }, placed)) below++;
    placed.push({ ...other, y: below });
  }
  const byId = new Map(placed.map((one) => [one.id, one]));
  return compacted(panels.map((one) => byId.get(one.id) ?? one));
}

/** The first free cells for a panel of this size. */
export function freePlace(panels: readonly Place[], w: number, h: number): Omit<Place, "id"> {
  for (let y = 0; y < GRID.maxRows; y++) {
    for (let x = 0; x + w <= GRID.columns; x++) {
      if (isFree({ id: "", x, y, w, h }, panels)) return { x, y, w, h };
    }
  }
  return { x: 0, y: GRID.maxRows, w, h };
}

function clamped(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, Math.round(value)));
}

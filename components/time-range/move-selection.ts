import type { KeyboardEvent } from "react";

/** Selected bars by index, in either order; equal while it is one. */
export interface BarRange {
  readonly from: number;
  readonly to: number;
}

const PAGE = 10;

/**
 * Returns the bars that are selected after a key: arrows, Page Up and Down, Home and End move, with Shift they extend.
 * Undefined for other keys.
 * @param selection null before the first key, which then selects the last bar
 */
export function movedSelection(event: KeyboardEvent, selection: BarRange | null, count: number): BarRange | undefined {
  const at = selection?.to ?? count;
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: at - PAGE,
    PageDown: at + PAGE,
    Home: 0,
    End: count - 1,
  };
  const target = moves[event.key];
  if (target === undefined) return undefined;
  const to = Math.max(0, Math.min(count - 1, target));
  return { from: event.shiftKey ? (selection?.from ?? to) : to, to };
}

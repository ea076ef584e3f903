import type { Bounds } from "../../time-range/bounds";

export interface SectionProps {
  /** Null for all time. */
  bounds: Bounds | null;
  onZoom: (from: number, to: number) => void;
}

/** How often the figures of the page are read. */
export const REFRESH_MS = 15_000;

/** The query options of a time range: relative ranges are read again because their end changes, all time is not. */
export function freshness(bounds: Bounds | null) {
  return { staleTime: REFRESH_MS, refetchInterval: bounds === null ? 4 * REFRESH_MS : (false as const) };
}

const COLORS = ["var(--app-series-0)", "var(--app-series-2)", "var(--app-series-3)", "var(--app-series-1)"];

/** The color of a log table in charts, by its position in the catalog. */
export function tableColor(index: number): string {
  return COLORS[index % COLORS.length] ?? "";
}

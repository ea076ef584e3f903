"use client";

import type { LogTableName } from "@/server/catalog";
import type { TimeRange } from "../time-range/range";

interface Props {
  table: LogTableName;
  filters: Readonly<Record<string, string>>;
  range: TimeRange;
  onZoom: (range: TimeRange) => void;
}

/** How many rows there are over time; a part that is dragged over becomes the range. */
export function LogHistogram(_props: Props) {
  return null;
}

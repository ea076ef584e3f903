"use client";

import type { TimeRange } from "./range";

interface Props {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
  /** Go to the rows around a moment (ISO 8601 UTC) within what is shown. */
  onJump?: (at: string) => void;
}

/** The time one looks at: up to now, fixed, or all; with steps back and forward. */
export function TimeRangePicker(_props: Props) {
  return null;
}

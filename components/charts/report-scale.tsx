import { type RefObject, useEffect } from "react";
import { useYAxisScale } from "recharts";

/** Returns the position of a value from the top of a chart, in pixels. */
export type ScaleOf = (value: number) => number | undefined;

/** A child of a chart that reports its scale. */
export function ReportScale({ to }: { to: RefObject<ScaleOf | null> }) {
  const scale = useYAxisScale();
  useEffect(() => {
    to.current = (value) => scale?.(value);
  });
  return null;
}

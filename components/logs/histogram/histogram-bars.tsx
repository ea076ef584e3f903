"use client";

import { memo } from "react";
import { countsOf, type Histogram, type Kind } from "./buckets";
import classes from "./log-histogram.module.css";

/** Minimum pixels of a bucket with rows, and the gap between wide bars. */
const MIN_HEIGHT = 1.5;
const GAP = 1;

interface Props {
  histogram: Histogram;
  kinds: readonly Kind[];
  maximum: number;
  width: number;
  height: number;
}

/** The stacked bars. Memoized, so that they are drawn only when the numbers or the size change. */
export const HistogramBars = memo(function HistogramBars({ histogram, kinds, maximum, width, height }: Props) {
  const slot = width / histogram.buckets.length;
  const gap = slot >= 4 ? GAP : 0;
  return histogram.buckets.map((bucket, index) => {
    const counts = countsOf([bucket]);
    let y = height;
    return (
      <g key={bucket.at}>
        {kinds.map((kind) => {
          const count = counts[kind] ?? 0;
          if (count === 0) return null;
          const own = Math.max(MIN_HEIGHT, (count / maximum) * height);
          y -= own;
          return (
            <rect
              key={kind}
              className={classes.bar}
              data-kind={kind}
              x={index * slot}
              y={Math.max(0, y)}
              width={Math.max(0.5, slot - gap)}
              height={own}
            />
          );
        })}
      </g>
    );
  });
});

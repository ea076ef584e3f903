"use client";

import { useTranslations } from "next-intl";
import { useNumbers } from "../../ui/use-numbers";
import { countsOf, type Histogram, type Kind } from "./buckets";
import classes from "./log-histogram.module.css";
import { useBucketText } from "./use-bucket-text";

interface Props {
  histogram: Histogram;
  kinds: readonly Kind[];
  from: number;
  to: number;
}

/** The time and numbers of the bars under the pointer. */
export function HistogramTooltip(props: Props) {
  const middle = ((props.from + props.to + 1) / 2 / props.histogram.buckets.length) * 100;
  return (
    <div
      className={classes.tooltip}
      style={{ left: `${middle}%`, transform: `translateX(-${Math.min(100, Math.max(0, middle))}%)` }}
      aria-hidden
    >
      <BarNumbers {...props} />
    </div>
  );
}

/** The time of bars, their rows, and those of each kind. */
export function BarNumbers({ histogram, kinds, from, to }: Props) {
  const t = useTranslations("logHistogram");
  const { exact, percent } = useNumbers();
  const { times, rows } = useBucketText(histogram);
  const buckets = histogram.buckets.slice(Math.min(from, to), Math.max(from, to) + 1);
  const counts = countsOf(buckets);
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const time = times(from, to);
  return (
    <>
      <div className={classes.tooltipTime}>
        {time.from} – {time.to}
      </div>
      <div className={classes.tooltipTotal}>{rows(total)}</div>
      {total > 0 &&
        kinds.length > 1 &&
        kinds.toReversed().map((kind) => {
          const count = counts[kind] ?? 0;
          if (count === 0) return null;
          const share = percent(count / total);
          return (
            <div key={kind} className={classes.tooltipLine}>
              <span className={classes.swatch} data-kind={kind} />
              <span>{t(`kinds.${kind}`)}</span>
              <span className={classes.tooltipNumber}>{t("share", { count: exact(count), percent: share })}</span>
            </div>
          );
        })}
    </>
  );
}

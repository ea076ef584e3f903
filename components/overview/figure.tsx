"use client";

import { Skeleton } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useNumbers } from "../ui/use-numbers";
import classes from "./time-chart.module.css";

interface Props {
  /** Null before the first result; undefined if there is no value. */
  value: number | null | undefined;
  format: (value: number) => string;
  /** Of the period before; null if unknown. */
  before: number | null | undefined;
  /** What more of it means; neither if omitted. */
  more?: "worse";
}

/** Changes of less are not emphasized. */
const NOTABLE = 0.1;

/** The total of a time range, and how it differs from the period before. */
export function Figure({ value, format, before, more }: Props) {
  const t = useTranslations("overview.compared");
  const numbers = useNumbers();
  if (value === null) return <Skeleton h={20} w={140} mt={4} />;
  if (value === undefined) return <span className={classes.amount}>–</span>;
  const change = before ? value / before - 1 : null;
  const judged = more && change !== null && Math.abs(change) >= NOTABLE ? (change > 0 ? "worse" : "better") : undefined;
  return (
    <>
      <span className={classes.amount}>{format(value)}</span>
      {before !== null && before !== undefined && (
        <span className={classes.change} data-judged={judged}>
          {change === null
            ? t("before", { value: format(before) })
            : t("change", { change: numbers.change(change), value: format(before) })}
        </span>
      )}
    </>
  );
}

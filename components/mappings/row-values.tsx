"use client";

import { useTimeZone } from "next-intl";
import { formatTime } from "../ui/time";
import { useColumnLabels } from "../ui/use-column-labels";
import classes from "./row-values.module.css";

/** The values that a row has, by column. */
export function RowValues({ row }: { row: Readonly<Record<string, unknown>> }) {
  const labels = useColumnLabels();
  const timeZone = useTimeZone() ?? "UTC";
  const values = Object.entries(row).filter(([name, value]) => value !== null && name !== "id");
  return (
    <dl className={classes.values}>
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{labels[name] ?? name}</dt>
          <dd>{textOf(name, value, timeZone)}</dd>
        </div>
      ))}
    </dl>
  );
}

function textOf(name: string, value: unknown, timeZone: string): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return name === "created_at" ? formatTime(value, timeZone, "ms") : value;
}

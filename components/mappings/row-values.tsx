"use client";

import { useColumnLabels } from "../ui/use-column-labels";
import classes from "./row-values.module.css";

/** The values that a row has, by column. */
export function RowValues({ row }: { row: Readonly<Record<string, unknown>> }) {
  const labels = useColumnLabels();
  const values = Object.entries(row).filter(([name, value]) => value !== null && name !== "id");
  return (
    <dl className={classes.values}>
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{labels[name] ?? name}</dt>
          <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

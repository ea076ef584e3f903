"use client";

import { Text } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Tooltip } from "../ui/tooltip";
import { useNumbers } from "../ui/use-numbers";
import classes from "./storage-bar.module.css";
import type { StoragePlace } from "./storage-place";

const COLORS = {
  tables: "var(--app-series-0)",
  indexes: "var(--app-series-2)",
  database: "var(--app-series-3)",
  archives: "var(--app-series-1)",
  segments: "var(--app-series-4)",
  exports: "var(--app-series-5)",
  other: "var(--app-status-moved)",
  free: "var(--app-line)",
} as const;

/** The parts of a disk as one bar with a legend; only the legend if its size is unknown. */
export function StorageBar({ place: { total_bytes: total, free_bytes: free, parts } }: { place: StoragePlace }) {
  const t = useTranslations("storage");
  const { bytes, percent } = useNumbers();
  const items = [...parts, ...(free === null ? [] : [{ part: "free" as const, bytes: free }])];
  const share = (value: number) => (total ? percent(value / total) : null);
  return (
    <>
      {total !== null && (
        <div className={classes.bar} aria-hidden>
          {parts
            .filter((item) => item.bytes > 0)
            .map((item) => (
              <Tooltip key={item.part} label={`${t(`parts.${item.part}`)}: ${bytes(item.bytes)}`}>
                <span
                  className={classes.segment}
                  style={{ width: `${(item.bytes / total) * 100}%`, background: COLORS[item.part] }}
                />
              </Tooltip>
            ))}
        </div>
      )}
      <ul className={classes.legend}>
        {items.map((item) => (
          <li key={item.part} data-part={item.part}>
            <span className={classes.swatch} style={{ background: COLORS[item.part] }} aria-hidden />
            <Text size="sm">{t(`parts.${item.part}`)}</Text>
            <Text size="sm" fw={600}>
              {bytes(item.bytes)}
            </Text>
            {share(item.bytes) !== null && (
              <Text size="sm" c="dimmed">
                {share(item.bytes)}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

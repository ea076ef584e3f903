"use client";

import { Box, Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { memo, useId, useMemo, useState } from "react";
import { Plot } from "../charts/plot";
import { formatTime } from "../ui/time";
import { useNumberText } from "../ui/use-number-text";
import { type Point, ratesOf } from "./history";
import { ThroughputTable } from "./throughput-table";

const HEIGHT = 200;

interface Props {
  label: string;
  points: readonly Point[];
}

/** The throughput of the last 15 minutes, as stacked bars or as a table. */
export const ThroughputChart = memo(function ThroughputChart({ label, points }: Props) {
  const t = useTranslations("queues.chart");
  const tCommon = useTranslations("common");
  const format = useFormatter();
  const timeZone = useTimeZone() ?? "UTC";
  const { compact } = useNumberText();
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const rates = useMemo(() => ratesOf(points), [points]);
  const total = (key: "inserted" | "duplicates" | "dead" | "dropped") =>
    format.number(points.reduce((sum, point) => sum + Math.max(0, point[key]), 0));
  const clock = (at: string) => formatTime(at, timeZone, "time");
  const series = [
    { name: "inserted", label: t("inserted"), color: "var(--mantine-color-accent-5)" },
    { name: "duplicates", label: t("duplicates"), color: "var(--mantine-color-gray-5)" },
    { name: "dead", label: t("dead"), color: "var(--mantine-color-red-6)" },
    ...(points.some(({ dropped }) => dropped > 0)
      ? [{ name: "dropped", label: t("dropped"), color: "var(--mantine-color-violet-5)" }]
      : []),
  ];

  return (
    <div>
      <Group justify="space-between" mt="md" mb="xs" gap="xs">
        <Text size="xs" c="dimmed">
          {t("title")}
        </Text>
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAsTable(!asTable)}>
          {asTable ? tCommon("showChart") : tCommon("showTable")}
        </Button>
      </Group>
      {asTable ? (
        <ThroughputTable rates={rates} clock={clock} height={HEIGHT} label={`${label}: ${t("title")}`} />
      ) : (
        <Box h={HEIGHT}>
          <VisuallyHidden id={id}>
            {t("summary", {
              queue: label,
              inserted: total("inserted"),
              duplicates: total("duplicates"),
              dead: total("dead"),
              dropped: total("dropped"),
            })}
          </VisuallyHidden>
          <Plot kind="bar" stacked points={rates} series={series} format={compact} labelledBy={id} />
        </Box>
      )}
    </div>
  );
});

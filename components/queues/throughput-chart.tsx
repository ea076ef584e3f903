"use client";

import { Box, Button, Group, Text } from "@mantine/core";
import { useFormatter, useTimeZone, useTranslations } from "next-intl";
import { memo, useMemo, useState } from "react";
import { OnDemand } from "../ui/on-demand";
import { formatTime } from "../ui/time";
import { type Point, ratesOf } from "./history";
import { ThroughputTable } from "./throughput-table";

const HEIGHT = 200;

const loadBars = () => import("./throughput-bars");

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
  const [asTable, setAsTable] = useState(false);
  const rates = useMemo(() => ratesOf(points), [points]);
  const total = (key: "inserted" | "duplicates" | "dead" | "dropped") =>
    format.number(points.reduce((sum, point) => sum + Math.max(0, point[key]), 0));
  const clock = (at: string) => formatTime(at, timeZone, "time");
  const series = [
    { name: "inserted", label: t("inserted"), color: "accent.5" },
    { name: "duplicates", label: t("duplicates"), color: "gray.5" },
    { name: "dead", label: t("dead"), color: "red.6" },
    ...(points.some(({ dropped }) => dropped > 0) ? [{ name: "dropped", label: t("dropped"), color: "violet.5" }] : []),
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
        <OnDemand load={loadBars} instead={<Box h={HEIGHT} />}>
          {({ ThroughputBars }) => (
            <ThroughputBars
              height={HEIGHT}
              rates={rates}
              series={series}
              label={t("summary", {
                queue: label,
                inserted: total("inserted"),
                duplicates: total("duplicates"),
                dead: total("dead"),
                dropped: total("dropped"),
              })}
            />
          )}
        </OnDemand>
      )}
    </div>
  );
});

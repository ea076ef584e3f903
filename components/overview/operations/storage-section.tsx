"use client";

import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import type { TimePoint } from "../../charts/time-point";
import { useOldSince } from "../../live/use-old-since";
import { useTRPC } from "../../trpc";
import { OldFigures } from "../../ui/old-figures";
import { QueryError } from "../../ui/query-error";
import { useNumbers } from "../../ui/use-numbers";
import { TimeChart } from "../time-chart";
import { useLastData } from "../use-last-data";
import { freshness, type SectionProps, tableColor } from "./section-props";

interface Props extends SectionProps {
  /** The share at which the disk counts as full. */
  diskLimit: number | undefined;
}

/** Sizes of the log tables and use of the disk over time. */
export function StorageSection({ bounds, onZoom, diskLimit }: Props) {
  const t = useTranslations();
  const trpc = useTRPC();
  const numbers = useNumbers();
  const query = useQuery(trpc.overview.storage.queryOptions(bounds, freshness(bounds)));
  const data = useLastData(query.data);
  const points = useMemo(
    () =>
      data?.points.map(
        ({ table_bytes, ...point }): TimePoint => ({
          ...point,
          ...Object.fromEntries(LOG_TABLE_NAMES.map((name) => [`bytes_${name}`, table_bytes[name]])),
        }),
      ) ?? null,
    [data],
  );
  const readAt = useLastData(query.dataUpdatedAt || undefined) ?? 0;
  const since = useOldSince({ data: data, error: query.error, dataUpdatedAt: readAt });
  if (query.error && !points) return <QueryError query={query} />;
  const chart = { points, onZoom };
  return (
    <OldFigures since={since} mb="xs">
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <TimeChart
          {...chart}
          title={t("overview.charts.tables")}
          hint={t("overview.charts.storageHint")}
          kind="area"
          stacked
          series={LOG_TABLE_NAMES.map((name, index) => ({
            name: `bytes_${name}`,
            label: t(`tables.${name}`),
            color: tableColor(index),
          }))}
          format={numbers.bytes}
        />
        <TimeChart
          {...chart}
          title={t("overview.disk")}
          hint={t("overview.charts.diskHint")}
          kind="area"
          series={[{ name: "disk_used", label: t("overview.disk"), color: "var(--app-series-0)" }]}
          format={numbers.percent}
          isShare
          limit={diskLimit}
        />
      </SimpleGrid>
    </OldFigures>
  );
}

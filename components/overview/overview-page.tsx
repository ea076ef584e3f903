"use client";

import { Badge, Group, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { OpenAlerts } from "../alerts/open-alerts";
import { useQueueWatch } from "../live/queue-watch";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { ErrorState } from "../ui/error-state";
import { PageHeader } from "../ui/page-header";
import { HealthPanel } from "./health-panel";
import { KeyFigures } from "./key-figures";
import { OperationCharts } from "./operation-charts";
import { TrafficCharts } from "./traffic-charts";
import { useOverviewRange } from "./use-overview-range";

const REFRESH_MS = 15_000;
/** The hour of now is always being counted, in each table. */
const CURRENT_HOURS = LOG_TABLE_NAMES.length;

/** What is wrong now, what is going on, and what comes: from live figures and roll-ups, never from rows. */
export function OverviewPage() {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const { status } = useQueueWatch();
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), REFRESH_MS, { autoInvoke: true });
  const { range, bounds, change, zoom } = useOverviewRange(now);
  const kept = { placeholderData: keepPreviousData, staleTime: REFRESH_MS } as const;
  const series = useQuery(trpc.monitoring.series.queryOptions(bounds, kept));
  const timings = useQuery(trpc.monitoring.timings.queryOptions(bounds, kept));
  const traffic = useQuery(trpc.monitoring.traffic.queryOptions(bounds, kept));
  const forecast = useQuery(trpc.monitoring.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  const failed = series.error ? series : traffic.error ? traffic : null;

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <TimeRangePicker range={range} onChange={change} />
      </PageHeader>
      <OpenAlerts />
      <KeyFigures status={status} forecast={forecast.data} />
      {failed && <ErrorState error={failed.error} onRetry={() => failed.refetch()} retrying={failed.isFetching} />}
      <OperationCharts
        points={series.data?.points ?? null}
        timings={timings.data ?? null}
        limits={forecast.data}
        onZoom={zoom}
      />
      <Group mt="xl" mb="sm" gap="sm">
        <Title order={2}>{t("traffic")}</Title>
        {traffic.data && (
          <Text size="sm" c="dimmed">
            {t(`listsBy.${traffic.data.lists_by}`)}
          </Text>
        )}
        {(traffic.data?.stale_hours ?? 0) > CURRENT_HOURS && (
          <Badge variant="light" color="gray" tt="none">
            {t("counting", { hours: traffic.data?.stale_hours ?? 0 })}
          </Badge>
        )}
      </Group>
      <TrafficCharts traffic={traffic.data ?? null} bounds={bounds} onZoom={zoom} />
      <HealthPanel />
    </>
  );
}

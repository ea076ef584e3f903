"use client";

import { Badge, Box, Group, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { OpenAlerts } from "../alerts/open-alerts";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { ErrorState } from "../ui/error-state";
import { PageHeader } from "../ui/page-header";
import { HealthPanel } from "./health-panel";
import { KeyFigures } from "./key-figures";
import { NoTraffic } from "./no-traffic";
import { OperationCharts } from "./operation-charts";
import { TrafficCharts } from "./traffic-charts";
import { useKept } from "./use-kept";
import { useOverviewRange } from "./use-overview-range";

const REFRESH_MS = 15_000;
/** The hour of now is always being counted, in each table. */
const CURRENT_HOURS = LOG_TABLE_NAMES.length;

/** What is wrong now, what is going on, and what comes: from live figures and roll-ups, never from rows. */
export function OverviewPage() {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), REFRESH_MS, { autoInvoke: true });
  const { range, bounds, change, zoom } = useOverviewRange(now);
  const fresh = { staleTime: REFRESH_MS } as const;
  const series = useQuery(trpc.monitoring.series.queryOptions(bounds, fresh));
  const timings = useQuery(trpc.monitoring.timings.queryOptions(bounds, fresh));
  const traffic = useQuery(trpc.monitoring.traffic.queryOptions(bounds, fresh));
  const forecast = useQuery(trpc.monitoring.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  const failed = series.error ? series : traffic.error ? traffic : null;
  const points = useKept(series.data)?.points ?? null;
  const calls = useKept(timings.data) ?? null;
  const visits = useKept(traffic.data) ?? null;
  const isQuiet = visits?.requests === 0 && visits.points.every(({ activities }) => !activities);

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <TimeRangePicker range={range} onChange={change} />
      </PageHeader>
      <OpenAlerts />
      <KeyFigures forecast={forecast.data} />
      {failed && (
        <Box mb="lg">
          <ErrorState error={failed.error} onRetry={() => failed.refetch()} retrying={failed.isFetching} />
        </Box>
      )}
      {(points || !series.error) && (
        <OperationCharts points={points} timings={calls} limits={forecast.data} onZoom={zoom} />
      )}
      <Group mt="xl" mb="sm" gap="sm">
        <Title order={2}>{t("traffic")}</Title>
        {visits && (
          <Text size="sm" c="dimmed">
            {t(`listsBy.${visits.lists_by}`)}
          </Text>
        )}
        {(visits?.stale_hours ?? 0) > CURRENT_HOURS && (
          <Badge variant="light" color="gray" tt="none">
            {t("counting", { hours: visits?.stale_hours ?? 0 })}
          </Badge>
        )}
      </Group>
      {isQuiet && <NoTraffic />}
      {!isQuiet && (visits || !traffic.error) && <TrafficCharts traffic={visits} bounds={bounds} onZoom={zoom} />}
      <HealthPanel />
    </>
  );
}

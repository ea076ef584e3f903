"use client";

import { Badge, Group, Loader, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { OpenAlerts } from "../alerts/open-alerts";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { QueryError } from "../ui/query-error";
import { HealthPanel } from "./health-panel";
import { KeyFigures } from "./key-figures";
import { NoTraffic } from "./no-traffic";
import { OperationCharts } from "./operation-charts";
import { TrafficCharts } from "./traffic-charts";
import { useLastData } from "./use-last-data";
import { useOverviewRange } from "./use-overview-range";

const REFRESH_MS = 15_000;
/** Refetch interval while counts are being recalculated. */
const COUNTING_MS = 3_000;

/** The overview page: status, traffic and forecasts, from live figures and roll-ups, never from rows. */
export function OverviewPage() {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), REFRESH_MS, { autoInvoke: true });
  const { range, bounds, change, zoom } = useOverviewRange(now);
  // Relative ranges are refetched because their end changes.
  const refetchInterval = range === null ? 4 * REFRESH_MS : false;
  const fresh = { staleTime: REFRESH_MS, refetchInterval } as const;
  const series = useQuery(trpc.overview.series.queryOptions(bounds, fresh));
  const timings = useQuery(trpc.overview.timings.queryOptions(bounds, fresh));
  const traffic = useQuery(
    trpc.overview.traffic.queryOptions(bounds, {
      ...fresh,
      refetchInterval: ({ state }) => (state.data && state.data.dirty_hours > 0 ? COUNTING_MS : refetchInterval),
    }),
  );
  const forecast = useQuery(trpc.overview.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  const failed = series.error ? series : traffic.error ? traffic : null;
  const points = useLastData(series.data)?.points ?? null;
  const calls = useLastData(timings.data) ?? null;
  const visits = useLastData(traffic.data) ?? null;
  const counting = visits?.dirty_hours ?? 0;
  const isEmpty = visits?.requests === 0 && visits.points.every(({ activities }) => !activities);

  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <TimeRangePicker range={range} onChange={change} />
      </PageHeader>
      <OpenAlerts />
      <KeyFigures forecast={forecast.data} />
      {failed && <QueryError query={failed} mb="lg" />}
      <Group mb="sm" gap="sm">
        <Title order={2}>{t("traffic")}</Title>
        {visits && (
          <Text size="sm" c="dimmed">
            {t(`listsBy.${visits.lists_by}`)}
          </Text>
        )}
        {counting > 0 && (
          <Badge variant="light" color="gray" tt="none" leftSection={<Loader size={10} color="gray" />}>
            {t("counting", { hours: counting })}
          </Badge>
        )}
      </Group>
      {isEmpty && counting === 0 && <NoTraffic />}
      {(counting > 0 || !isEmpty) && (visits || !traffic.error) && (
        <TrafficCharts traffic={isEmpty ? null : visits} bounds={bounds} onZoom={zoom} />
      )}
      <Title order={2} mt="xl" mb="sm">
        {t("operation")}
      </Title>
      {(points || !series.error) && (
        <OperationCharts points={points} timings={calls} limits={forecast.data} onZoom={zoom} />
      )}
      <HealthPanel />
    </>
  );
}

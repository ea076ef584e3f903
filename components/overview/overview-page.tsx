"use client";

import { Badge, Box, Group, Loader, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { OpenAlerts } from "../alerts/open-alerts";
import { FilterBar } from "../filter-bar/filter-bar";
import type { Bounds } from "../time-range/bounds";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { QueryError } from "../ui/query-error";
import { HealthPanel } from "./health-panel";
import { KeyFigures } from "./key-figures";
import { NoTraffic } from "./no-traffic";
import { OperationCharts } from "./operation-charts";
import { type Traffic, TrafficCharts } from "./traffic-charts";
import { useLastData } from "./use-last-data";
import { useOverviewFilters } from "./use-overview-filters";
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
  const { filters, setFilters } = useOverviewFilters();
  const isFiltered = Object.keys(filters).length > 0;
  const stored = useQuery(
    trpc.overview.traffic.queryOptions(bounds, {
      ...fresh,
      enabled: !isFiltered,
      refetchInterval: ({ state }) => (state.data && state.data.dirty_hours > 0 ? COUNTING_MS : refetchInterval),
    }),
  );
  // Computed from rows, so less often than stored counts are read.
  const computed = useQuery(
    trpc.overview.filteredTraffic.queryOptions(
      { range: bounds && toMinutes(bounds), filters },
      {
        staleTime: 4 * REFRESH_MS,
        enabled: isFiltered,
        // Figures of other filters would be taken for those of these.
        placeholderData: (previous, query) =>
          JSON.stringify(query?.queryKey ?? []).includes(JSON.stringify(filters)) ? previous : undefined,
        trpc: { abortOnUnmount: true },
      },
    ),
  );
  const traffic = isFiltered ? computed : stored;
  const forecast = useQuery(trpc.overview.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  const failed = series.error ? series : traffic.error ? traffic : null;
  const points = useLastData(series.data)?.points ?? null;
  const calls = useLastData(timings.data) ?? null;
  const all = useLastData(stored.data);
  const matching = computed.data;
  const visits: Traffic | null = (isFiltered ? matching : all) ?? null;
  const counting = isFiltered ? 0 : (all?.dirty_hours ?? 0);
  const isEmpty = !isFiltered && all?.requests === 0 && all.points.every(({ activities }) => !activities);

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
            {isFiltered || !all ? t("filtered") : t(`listsBy.${all.lists_by}`)}
          </Text>
        )}
        {isFiltered && computed.isFetching && <Loader size={14} color="gray" aria-label={t("computing")} />}
        {counting > 0 && (
          <Badge variant="light" color="gray" tt="none" leftSection={<Loader size={10} color="gray" />}>
            {t("counting", { hours: counting })}
          </Badge>
        )}
      </Group>
      <Box mb="md">
        <FilterBar table="access_logs" filters={filters} range={range} onChange={setFilters} />
      </Box>
      {isEmpty && counting === 0 && <NoTraffic />}
      {(counting > 0 || !isEmpty) && (visits || !traffic.error) && (
        <TrafficCharts traffic={isEmpty ? null : visits} filters={filters} bounds={bounds} onZoom={zoom} />
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

const MINUTE_MS = 60_000;

/** The same range in whole minutes, so that it changes once a minute. */
function toMinutes({ from, to }: Bounds): Bounds {
  return { from: Math.floor(from / MINUTE_MS) * MINUTE_MS, to: Math.ceil(to / MINUTE_MS) * MINUTE_MS };
}

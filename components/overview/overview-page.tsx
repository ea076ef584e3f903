"use client";

import { Badge, Box, Group, Loader, Text, Title } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { OpenAlerts } from "../alerts/open-alerts";
import { FilterBar } from "../filter-bar/filter-bar";
import type { FilterParameters } from "../filter-bar/filters";
import type { Bounds } from "../time-range/bounds";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { type RouterOutputs, useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { QueryError } from "../ui/query-error";
import { ActivityCharts } from "./activity-charts";
import { HealthPanel } from "./health-panel";
import { KeyFigures } from "./key-figures";
import { NoTraffic } from "./no-traffic";
import { OperationCharts } from "./operation-charts";
import { TrafficCharts } from "./traffic-charts";
import { useLastData } from "./use-last-data";
import { useOverviewFilters } from "./use-overview-filters";
import { useOverviewRange } from "./use-overview-range";

const REFRESH_MS = 15_000;
/** Refetch interval while counts are being recalculated. */
const COUNTING_MS = 3_000;
/** Computed from rows, so less often than stored counts are read. */
const COMPUTED = { staleTime: 4 * REFRESH_MS, trpc: { abortOnUnmount: true } } as const;

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
  const requestFilters = useOverviewFilters("access_logs");
  const activityFilters = useOverviewFilters("user_activities");
  const stored = useQuery(
    trpc.overview.traffic.queryOptions(bounds, {
      ...fresh,
      enabled: !requestFilters.isFiltered || !activityFilters.isFiltered,
      refetchInterval: ({ state }) => (state.data && state.data.dirty_hours > 0 ? COUNTING_MS : refetchInterval),
    }),
  );
  const minutes = bounds && toMinutes(bounds);
  const requests = useQuery(
    trpc.overview.filteredTraffic.queryOptions(
      { range: minutes, filters: requestFilters.filters },
      { ...COMPUTED, enabled: requestFilters.isFiltered, placeholderData: ofSame(requestFilters.filters) },
    ),
  );
  const activities = useQuery(
    trpc.overview.filteredActivities.queryOptions(
      { range: minutes, filters: activityFilters.filters },
      { ...COMPUTED, enabled: activityFilters.isFiltered, placeholderData: ofSame(activityFilters.filters) },
    ),
  );
  const forecast = useQuery(trpc.overview.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  const [traffic, actions] = [
    requestFilters.isFiltered ? requests : stored,
    activityFilters.isFiltered ? activities : stored,
  ];
  const failed = [series, traffic, actions].find(({ error }) => error !== null);
  const points = useLastData(series.data)?.points ?? null;
  const calls = useLastData(timings.data) ?? null;
  const all = useLastData(stored.data);
  const counting = requestFilters.isFiltered && activityFilters.isFiltered ? 0 : (all?.dirty_hours ?? 0);
  const isUnfiltered = !requestFilters.isFiltered && !activityFilters.isFiltered;
  const isEmpty = isUnfiltered && all?.requests === 0 && all.points.every((point) => !point.activities);
  const isShown = counting > 0 || !isEmpty;

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
        <Source filters={requestFilters} query={requests} text={t("filtered")} stored={all} />
        {counting > 0 && (
          <Badge variant="light" color="gray" tt="none" leftSection={<Loader size={10} color="gray" />}>
            {t("counting", { hours: counting })}
          </Badge>
        )}
      </Group>
      <Box mb="md">
        <FilterBar
          table="access_logs"
          filters={requestFilters.filters}
          range={range}
          onChange={requestFilters.setFilters}
        />
      </Box>
      {!isShown && <NoTraffic />}
      {isShown && (traffic.data || !traffic.error) && (
        <TrafficCharts
          traffic={(requestFilters.isFiltered ? requests.data : all) ?? null}
          filters={requestFilters.filters}
          bounds={bounds}
          onZoom={zoom}
        />
      )}
      {isShown && (
        <>
          <Group mt="xl" mb="sm" gap="sm">
            <Title order={2}>{t("activities")}</Title>
            <Source filters={activityFilters} query={activities} text={t("filteredActivities")} />
          </Group>
          <Box mb="md">
            <FilterBar
              table="user_activities"
              inputId="activity-filter"
              filters={activityFilters.filters}
              range={range}
              onChange={activityFilters.setFilters}
            />
          </Box>
          {(actions.data || !actions.error) && (
            <ActivityCharts
              activities={(activityFilters.isFiltered ? activities.data : all) ?? null}
              filters={activityFilters.filters}
              bounds={bounds}
              onZoom={zoom}
            />
          )}
        </>
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

interface SourceProps {
  filters: { readonly isFiltered: boolean };
  query: { readonly isFetching: boolean };
  /** Shown with filters. */
  text: string;
  stored?: RouterOutputs["overview"]["traffic"];
}

/** How the figures of a section come about. */
function Source({ filters: { isFiltered }, query, text, stored }: SourceProps) {
  const t = useTranslations("overview");
  const shown = isFiltered ? text : stored && t(`listsBy.${stored.lists_by}`);
  return (
    <>
      {shown && (
        <Text size="sm" c="dimmed">
          {shown}
        </Text>
      )}
      {isFiltered && query.isFetching && <Loader size={14} color="gray" aria-label={t("computing")} />}
    </>
  );
}

/** Keeps the figures of another range while those of this one are computed, but not those of other filters. */
function ofSame(filters: FilterParameters) {
  return <T,>(previous: T | undefined, query: { readonly queryKey: unknown } | undefined): T | undefined =>
    JSON.stringify(query?.queryKey ?? []).includes(JSON.stringify(filters)) ? previous : undefined;
}

const MINUTE_MS = 60_000;

/** The same range in whole minutes, so that it changes once a minute. */
function toMinutes({ from, to }: Bounds): Bounds {
  return { from: Math.floor(from / MINUTE_MS) * MINUTE_MS, to: Math.ceil(to / MINUTE_MS) * MINUTE_MS };
}

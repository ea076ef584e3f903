"use client";

import { Badge, Loader, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { FilterBar } from "../filter-bar/filter-bar";
import type { FilterParameters } from "../filter-bar/filters";
import { useOldSince } from "../live/use-old-since";
import type { Bounds } from "../time-range/bounds";
import type { TimeRange } from "../time-range/range";
import { type RouterOutputs, useTRPC } from "../trpc";
import { OldFigures } from "../ui/old-figures";
import { QueryError } from "../ui/query-error";
import { ActivityCharts } from "./activity-charts";
import { NoTraffic } from "./no-traffic";
import { REFRESH_MS } from "./operations/section-props";
import { TrafficCharts } from "./traffic-charts";
import classes from "./traffic-section.module.css";
import { useLastData } from "./use-last-data";
import type { useOverviewFilters } from "./use-overview-filters";

type Filters = ReturnType<typeof useOverviewFilters>;

interface Props {
  stored: {
    readonly error: unknown;
    readonly isFetching: boolean;
    readonly dataUpdatedAt: number;
    readonly refetch: () => unknown;
  };
  /** The last unfiltered traffic. */
  all: RouterOutputs["overview"]["traffic"] | undefined;
  range: TimeRange;
  /** Null for all time. */
  bounds: Bounds | null;
  requestFilters: Filters;
  activityFilters: Filters;
  onRange: (range: TimeRange) => void;
  onZoom: (from: number, to: number) => void;
}

/** Computed from rows, so less often than stored counts are read. */
const COMPUTED = { staleTime: 4 * REFRESH_MS, trpc: { abortOnUnmount: true } } as const;

/** Requests and activities: all from stored counts, those that match filters from rows. */
export function TrafficSection(props: Props) {
  const { stored, all, range, bounds, requestFilters, activityFilters, onRange, onZoom } = props;
  const t = useTranslations("overview");
  const trpc = useTRPC();
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
  const readAt = useLastData(stored.dataUpdatedAt || undefined) ?? 0;
  const storedSince = useOldSince({ data: all, error: stored.error, dataUpdatedAt: readAt });
  const requestsSince = useOldSince(requests);
  const activitiesSince = useOldSince(activities);
  const traffic = requestFilters.isFiltered ? requests : stored;
  const actions = activityFilters.isFiltered ? activities : stored;
  const failed = [traffic, actions].find(({ error }) => error !== null);
  const shownTraffic = requestFilters.isFiltered ? requests.data : all;
  const shownActions = activityFilters.isFiltered ? activities.data : all;
  const isUnfiltered = !requestFilters.isFiltered && !activityFilters.isFiltered;
  const counting = requestFilters.isFiltered && activityFilters.isFiltered ? 0 : (all?.dirty_hours ?? 0);
  const isEmpty = isUnfiltered && counting === 0 && all?.requests === 0 && all.totals.activities === 0;
  return (
    <>
      {failed && <QueryError query={failed} mb="lg" />}
      <div className={classes.head}>
        <Title order={2}>{t("traffic")}</Title>
        <FilterBar
          table="access_logs"
          filters={requestFilters.filters}
          range={range}
          onChange={requestFilters.setFilters}
        />
        {counting > 0 && (
          <Badge variant="light" color="gray" tt="none" leftSection={<Loader size={10} color="gray" />}>
            {t("counting", { hours: counting })}
          </Badge>
        )}
        <Source filters={requestFilters} query={requests}>
          {requestFilters.isFiltered ? t("filtered") : all && t(`listsBy.${all.lists_by}`)}
        </Source>
      </div>
      {isEmpty && <NoTraffic onShowAll={range === null ? undefined : () => onRange(null)} />}
      {!isEmpty && (shownTraffic || !traffic.error) && (
        <OldFigures since={requestFilters.isFiltered ? requestsSince : storedSince} mb="xs">
          <TrafficCharts
            traffic={shownTraffic ?? null}
            filters={requestFilters.filters}
            bounds={bounds}
            onZoom={onZoom}
          />
        </OldFigures>
      )}
      {!isEmpty && (
        <>
          <div className={classes.head} data-further>
            <Title order={2}>{t("activities")}</Title>
            <FilterBar
              table="user_activities"
              inputId="activity-filter"
              filters={activityFilters.filters}
              range={range}
              onChange={activityFilters.setFilters}
            />
            <Source filters={activityFilters} query={activities}>
              {activityFilters.isFiltered && t("filteredActivities")}
            </Source>
          </div>
          {(shownActions || !actions.error) && (
            <OldFigures since={activityFilters.isFiltered ? activitiesSince : storedSince} mb="xs">
              <ActivityCharts
                activities={shownActions ?? null}
                filters={activityFilters.filters}
                bounds={bounds}
                onZoom={onZoom}
              />
            </OldFigures>
          )}
        </>
      )}
    </>
  );
}

interface SourceProps {
  filters: { readonly isFiltered: boolean };
  query: { readonly isFetching: boolean };
  children: ReactNode;
}

/** How the figures of a section come about. */
function Source({ filters: { isFiltered }, query, children }: SourceProps) {
  const t = useTranslations("overview");
  return (
    <>
      {children && (
        <Text size="xs" c="dimmed">
          {children}
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

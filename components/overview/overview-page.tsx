"use client";

import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { TimeRangePicker } from "../time-range/time-range-picker";
import { useTRPC } from "../trpc";
import { PageHeader } from "../ui/page-header";
import { FirstSteps } from "./first-steps";
import { Operations } from "./operations/operations";
import { freshness, REFRESH_MS } from "./operations/section-props";
import { StatusPanel } from "./status/status-panel";
import { TrafficSection } from "./traffic-section";
import { useLastData } from "./use-last-data";
import { useOverviewFilters } from "./use-overview-filters";
import { useOverviewRange } from "./use-overview-range";

/** Refetch interval while counts are being recalculated. */
const COUNTING_MS = 3_000;

interface Props {
  /** When the server read the first data, in milliseconds since 1970. */
  now: number;
}

/** The overview page: status first, then traffic, then operations; from live figures and roll-ups, never from rows. */
export function OverviewPage({ now: readAt }: Props) {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const [now, setNow] = useState(readAt);
  useInterval(() => setNow(Date.now()), REFRESH_MS, { autoInvoke: true });
  const { range, bounds, change, zoom } = useOverviewRange(now);
  const fresh = freshness(bounds);
  const requestFilters = useOverviewFilters("access_logs");
  const activityFilters = useOverviewFilters("user_activities");
  const stored = useQuery(
    trpc.overview.traffic.queryOptions(bounds, {
      ...fresh,
      enabled: !requestFilters.isFiltered || !activityFilters.isFiltered,
      refetchInterval: ({ state }) => (state.data && state.data.dirty_hours > 0 ? COUNTING_MS : fresh.refetchInterval),
    }),
  );
  const all = useLastData(stored.data);
  const forecast = useQuery(trpc.overview.forecast.queryOptions(undefined, { refetchInterval: 4 * REFRESH_MS }));
  return (
    <>
      <PageHeader title={t("title")} subtitle={t("subtitle")}>
        <TimeRangePicker range={range} onChange={change} />
      </PageHeader>
      <StatusPanel forecast={forecast} />
      {all?.is_empty ? (
        <FirstSteps />
      ) : (
        <TrafficSection
          stored={stored}
          all={all}
          range={range}
          bounds={bounds}
          requestFilters={requestFilters}
          activityFilters={activityFilters}
          onRange={change}
          onZoom={zoom}
        />
      )}
      <Operations bounds={bounds} onZoom={zoom} forecast={forecast.data} />
    </>
  );
}

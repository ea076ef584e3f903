"use client";

import { useInterval } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { rangeDates, type TimeRange, widthOf } from "../../time-range/range";
import { useTRPC } from "../../trpc";

const MIN_MS = 15_000;
const MAX_MS = 300_000;
/** A relative range moves on by about half a bar at a time. */
const STEPS = 240;
const ALL_TIME_MS = 60_000;

interface Asked {
  table: BrowsedTableName;
  filters: Readonly<Record<string, string>>;
  range: TimeRange;
  /** Milliseconds since 1970 that a relative range ends at; null for now, which goes on. */
  until: number | null;
  /** As many bars as there is room for; null while that is not known, or nobody looks. */
  buckets: number | null;
}

/** The numbers of the chart. Where it goes on, what comes in is counted now and then, not with each row. */
export function useHistogram({ table, filters, range, until, buckets }: Asked) {
  const trpc = useTRPC();
  const width = widthOf(range);
  const [now, setNow] = useState(() => Date.now());
  const isRelative = width !== null;
  useInterval(() => isRelative && setNow(Date.now()), Math.min(MAX_MS, Math.max(MIN_MS, (width ?? 0) / STEPS)), {
    autoInvoke: true,
  });
  const dates = rangeDates(range, until ?? now);
  return useQuery(
    trpc.logs.histogram.queryOptions(
      { table, filters, ...dates, buckets: buckets ?? undefined },
      {
        enabled: buckets !== null,
        placeholderData: keepPreviousData,
        staleTime: MIN_MS,
        refetchInterval: range === null && buckets !== null ? ALL_TIME_MS : false,
      },
    ),
  );
}

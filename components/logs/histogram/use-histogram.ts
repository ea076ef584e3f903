"use client";

import { useInterval } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { rangeDates, type TimeRange, widthOf } from "../../time-range/range";
import { useTRPC } from "../../trpc";
import type { LogQuery } from "../use-log-query";

const MIN_MS = 15_000;
const MAX_MS = 300_000;
/** A relative range advances by about half a bucket at a time. */
const STEPS = 240;
const ALL_TIME_MS = 60_000;

interface Asked {
  table: BrowsedTableName;
  filters: Readonly<Record<string, string>>;
  range: TimeRange;
  archived: LogQuery["archived"];
  /** End of a relative range in milliseconds since 1970; null for now. */
  until: number | null;
  /** Maximum number of buckets; null while unknown or hidden. */
  buckets: number | null;
}

/** The data of the chart. A relative range is refreshed at intervals, not for each row. */
export function useHistogram({ table, filters, range, archived, until, buckets }: Asked) {
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
      { table, filters, ...dates, ...archived, buckets: buckets ?? undefined },
      {
        enabled: buckets !== null,
        placeholderData: keepPreviousData,
        staleTime: MIN_MS,
        refetchInterval: range === null && buckets !== null ? ALL_TIME_MS : false,
      },
    ),
  );
}

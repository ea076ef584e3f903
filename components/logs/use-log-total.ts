"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import type { LogQuery } from "./use-log-query";

const COUNTED_FOR_MS = 60_000;

/** The number of rows, counted or estimated. */
export interface Total {
  readonly count: number;
  readonly is_exact: boolean;
}

/** The total of the chart: `none` while it is hidden or failed, `pending` while loading. */
export type ChartTotal = Total | "pending" | "none";

/**
 * Returns the number of matching rows, the only total shown on the page. Uses the chart's total, which counts the same
 * rows, or requests it if the chart is hidden. An exact count replaces it when the user requests one.
 */
export function useLogTotal(
  tableName: BrowsedTableName,
  { filters, dates, archived }: Pick<LogQuery, "filters" | "dates" | "archived">,
  chart: ChartTotal,
) {
  const trpc = useTRPC();
  const list = { table: tableName, filters, ...dates, ...archived };
  const key = JSON.stringify(list);
  const [exactKey, setExactKey] = useState<string | null>(null);
  const estimate = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "estimate" },
      { enabled: chart === "none", staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const exact = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "exact" },
      { enabled: exactKey === key, staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const isExactRequested = exactKey === key;
  const known = typeof chart === "object" ? chart : chart === "none" ? estimate.data : undefined;
  const counted = isExactRequested && exact.data?.is_exact && !known?.is_exact ? exact.data : undefined;
  return {
    total: counted ?? known,
    isCounting: isExactRequested && exact.isFetching,
    isExactUnavailable: isExactRequested && (exact.isError || exact.data?.gave_up === true),
    countExactly: () => {
      if (isExactRequested) exact.refetch();
      else setExactKey(key);
    },
  };
}

export type LogTotal = ReturnType<typeof useLogTotal>;

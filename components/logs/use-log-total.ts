"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import type { LogQuery } from "./use-log-query";

const COUNTED_FOR_MS = 60_000;

/** How many rows there are, and whether that is a count or an estimate. */
export interface Total {
  readonly count: number;
  readonly is_exact: boolean;
}

/** The total of the chart: `none` while it is hidden or failed, `pending` while loading. */
export type ChartTotal = Total | "pending" | "none";

/**
 * How many rows match: the one figure that all of the page shows. It is the chart's, since the chart counts the same
 * rows; asked for apart where there is no chart, and replaced by the exact number once that was asked for.
 */
export function useLogTotal(
  tableName: BrowsedTableName,
  { filters, dates }: Pick<LogQuery, "filters" | "dates">,
  chart: ChartTotal,
) {
  const trpc = useTRPC();
  const list = { table: tableName, filters, ...dates };
  const key = JSON.stringify(list);
  const [asked, setAsked] = useState<string | null>(null);
  const estimate = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "estimate" },
      { enabled: chart === "none", staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const exact = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "exact" },
      { enabled: asked === key, staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const isAsked = asked === key;
  const known = typeof chart === "object" ? chart : chart === "none" ? estimate.data : undefined;
  const counted = isAsked && exact.data?.is_exact && !known?.is_exact ? exact.data : undefined;
  return {
    total: counted ?? known,
    isCounting: isAsked && exact.isFetching,
    hasGivenUp: isAsked && (exact.isError || exact.data?.gave_up === true),
    countExactly: () => {
      if (isAsked) exact.refetch();
      else setAsked(key);
    },
  };
}

export type LogTotal = ReturnType<typeof useLogTotal>;

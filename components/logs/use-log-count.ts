"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import type { LogQuery } from "./use-log-query";

const COUNTED_FOR_MS = 60_000;

/** How many rows match: an estimate where there are many, the exact number when asked for. */
export function useLogCount(tableName: BrowsedTableName, { filters, dates }: Pick<LogQuery, "filters" | "dates">) {
  const trpc = useTRPC();
  const list = { table: tableName, filters, ...dates };
  const key = JSON.stringify(list);
  const [asked, setAsked] = useState<string | null>(null);
  const estimate = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "estimate" },
      { staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const exact = useQuery(
    trpc.logs.count.queryOptions(
      { ...list, mode: "exact" },
      { enabled: asked === key, staleTime: COUNTED_FOR_MS, trpc: { abortOnUnmount: true } },
    ),
  );
  const isAsked = asked === key;
  return {
    count: (isAsked ? exact.data : undefined) ?? estimate.data,
    isCounting: isAsked && exact.isFetching,
    failed: isAsked && exact.isError,
    countExactly: () => {
      if (isAsked) exact.refetch();
      else setAsked(key);
    },
    refresh: () => estimate.refetch(),
  };
}

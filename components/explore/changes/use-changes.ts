"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTRPC } from "../../trpc";
import { type ChangesWindow, type ComparedRows, changesInput } from "./changes-window";

/** Rows of the past rarely change. */
const FRESH_MS = 300_000;

/** Loads what stands out in a window. */
export function useChanges(rows: ComparedRows, window: ChangesWindow, isEnabled: boolean) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const input = useMemo(() => changesInput(rows, window), [rows, window]);
  const key = JSON.stringify(input);
  const [stopped, setStopped] = useState<string | null>(null);
  const isStopped = stopped === key;
  const options = trpc.explore.changes.queryOptions(input, {
    enabled: isEnabled && !isStopped,
    staleTime: FRESH_MS,
    trpc: { abortOnUnmount: true },
  });
  const result = useQuery(options);
  return {
    ...result,
    isStopped,
    cancel: () => {
      setStopped(key);
      void queryClient.cancelQueries({ queryKey: options.queryKey });
    },
    again: () => setStopped(null),
  };
}

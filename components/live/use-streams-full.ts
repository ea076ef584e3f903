"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../trpc";

const ASKED_EVERY_MS = 5_000;

/**
 * Returns whether a stream is denied because the user has reached the limit. A failed stream itself gives no reason.
 */
export function useStreamsFull(hasFailed: boolean): boolean {
  const trpc = useTRPC();
  const options = { enabled: hasFailed, refetchInterval: ASKED_EVERY_MS, staleTime: 0, retry: false };
  const { data } = useQuery(trpc.account.streams.queryOptions(undefined, options));
  return hasFailed && data !== undefined && data.open >= data.max;
}

"use client";

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTimeZone } from "next-intl";
import { useMemo, useState } from "react";
import { useTRPC } from "../../trpc";
import { refusalOf } from "../../ui/error-code";
import { type ExploreQuestion, exploreInput } from "../state";

/** Answers are also cached by the server, which refreshes them. */
const FRESH_MS = 20_000;

/** Seconds that a refused query is expected to take; null for other errors. */
export function expectedSeconds(error: unknown): number | null {
  const refusal = refusalOf(error);
  return refusal?.code === "query.expected_slow" ? Number(refusal.params.seconds) : null;
}

/**
 * Loads the answer to a question. Without an answer, the one before it is displayed.
 * @param now the end of relative ranges, in milliseconds since 1970
 */
export function useAnswer(question: ExploreQuestion, now: number, isEnabled = true) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const timeZone = useTimeZone() ?? "UTC";
  const input = useMemo(() => exploreInput(question, now, timeZone), [question, now, timeZone]);
  const key = JSON.stringify(question);
  // The user allows one question to be slow, not all that follow.
  const [allowed, setAllowed] = useState<string | null>(null);
  const [stopped, setStopped] = useState<string | null>(null);
  const isStopped = stopped === key;
  const options = trpc.explore.query.queryOptions(
    { ...input, ...(allowed === key ? { allow_slow: true } : {}) },
    {
      enabled: isEnabled && !isStopped,
      placeholderData: keepPreviousData,
      staleTime: FRESH_MS,
      trpc: { abortOnUnmount: true },
    },
  );
  const result = useQuery(options);
  return {
    ...result,
    isStopped,
    runSlow: () => setAllowed(key),
    cancel: () => {
      setStopped(key);
      void queryClient.cancelQueries({ queryKey: options.queryKey });
    },
    again: () => setStopped(null),
  };
}

export type Answer = ReturnType<typeof useAnswer>;

"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useMemo, useState } from "react";
import { LOG_TABLE_NAMES } from "@/server/catalog";
import { SUBJECTS, type Subject } from "@/server/catalog/timeline-subjects";
import { useExpressionProblem } from "../filter-bar/use-expression-problem";
import { rangeDates, type TimeRange } from "../time-range/range";
import { readRange, writeRange } from "../time-range/range-parameters";
import { useTRPC, useTRPCClient } from "../trpc";
import { timelineParsers } from "./timeline-parsers";

const PAGE = 100;

/** The timeline of the URL. */
export function useTimeline() {
  const trpc = useTRPC();
  const server = useTRPCClient();
  const [values, setValues] = useQueryStates(timelineParsers, { history: "push" });
  // The end of a relative range, until the next refresh.
  const [now, setNow] = useState(() => Date.now());
  const { user_id, session_id, ip_address, filter, range: last, start, end, archived } = values;
  const range = useMemo(() => readRange({ range: last, start, end }, null), [last, start, end]);
  const selection = useMemo(
    () => ({
      ...given({ user_id, session_id, ip_address, filter }),
      ...rangeDates(range, now),
      ...(archived !== null && { include_archived: true }),
    }),
    [user_id, session_id, ip_address, filter, range, now, archived],
  );
  const subjects = SUBJECTS.flatMap((subject) => {
    const value = values[subject];
    return value ? [{ subject, value }] : [];
  });
  const problem = useExpressionProblem(LOG_TABLE_NAMES)(filter ?? "");
  const enabled = subjects.length > 0 && problem === undefined;

  const input = { ...selection, page_size: PAGE };
  // Not infiniteQueryOptions: that adds a `direction` to the input, which the server does not know.
  const list = useInfiniteQuery({
    queryKey: trpc.timeline.page.infiniteQueryKey(input),
    queryFn: ({ pageParam, signal }) =>
      server.timeline.page.query({ ...input, cursor: pageParam ?? undefined }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
  });
  const summary = useQuery(trpc.timeline.summary.queryOptions(selection, { enabled }));

  return {
    subjects,
    selection,
    filter: filter ?? "",
    /** Why the filter is invalid, and where; nothing is loaded then. */
    problem,
    range,
    archived: archived !== null,
    row: values.row,
    list,
    summary,
    refresh: () => {
      setNow(Date.now());
      void list.refetch();
      void summary.refetch();
    },
    setSubject: (subject: Subject, value: string) => {
      setValues({ user_id: null, session_id: null, ip_address: null, row: null, [subject]: value });
    },
    setFilter: (next: string) => setValues({ filter: next === "" ? null : next, row: null }),
    setRange: (next: TimeRange) => {
      setNow(Date.now());
      setValues({ ...writeRange(next, null), row: null });
    },
    setArchived: (next: boolean) => setValues({ archived: next ? "1" : null, row: null }),
    setRow: (next: string | null, history: "push" | "replace") => setValues({ row: next }, { history }),
  };
}

export type Timeline = ReturnType<typeof useTimeline>;
export type TimelineEvent = NonNullable<Timeline["list"]["data"]>["pages"][number]["items"][number];

function given(values: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, value]])),
  );
}

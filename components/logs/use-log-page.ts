"use client";

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC, useTRPCClient } from "../trpc";
import type { LogRow } from "./log-row";
import { isBackward, type LoadedPage, loadProgressively } from "./progressive-page";
import type { LogQuery, LogSort, Position } from "./use-log-query";

const NO_ROWS: readonly LogRow[] = [];

const REVERSED: Readonly<Record<LogSort, LogSort>> = { "-created_at": "created_at", created_at: "-created_at" };

/** A page as displayed: in the requested order, from whichever end it was read. */
export interface ShownPage {
  readonly rows: readonly LogRow[];
  /** The adjacent pages; null at the ends. */
  readonly previous: Position | null;
  readonly next: Position | null;
  /** 1-based position of the first row, if known. */
  readonly firstRow: number | null;
  /** The position of the last row, counted from the end of the list. */
  readonly lastRowFromEnd: number | null;
  /** Set while the search for its rows is incomplete. */
  readonly searched: Searched | null;
}

/** The time up to which rows were searched. */
export interface Searched {
  readonly to: string;
  /** Whether older rows are searched next. */
  readonly isOlderNext: boolean;
}

/**
 * Loads the page of the URL. A page read from the end is requested in reverse order. Rows of a long search are available as
 * they are found; `stop` ends it, and `resume` continues it.
 */
export function useLogPage(tableName: BrowsedTableName, query: LogQuery) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const stopping = useRef<AbortController | null>(null);
  const begun = useRef<LoadedPage | null>(null);
  const { dates, filters, archived, sort, size, position } = query;
  const isFromEnd = position.from === "end";
  const requested = isFromEnd ? REVERSED[sort] : sort;
  const list = { table: tableName, filters, ...dates, ...archived, sort: requested, count: "none" } as const;
  const input = { ...list, page_size: size, ...placeOf(position), is_progressive: true };
  const { queryKey, ...options } = trpc.logs.page.queryOptions(input, { placeholderData: keepPreviousData });

  const result = useQuery({
    ...options,
    queryKey,
    // A search that was stopped does not begin again when its window is focused.
    refetchOnWindowFocus: ({ state }) => state.data?.search === undefined,
    queryFn: async ({ signal }): Promise<LoadedPage> => {
      const stop = new AbortController();
      signal.addEventListener("abort", () => stop.abort(), { once: true });
      stopping.current = stop;
      const known = queryClient.getQueryData(queryKey);
      const continued = known !== undefined && begun.current === known ? known : undefined;
      begun.current = null;
      return await loadProgressively({
        size,
        request: (next) =>
          client.logs.page.query(next ? { ...list, ...next, is_progressive: true } : input, { signal: stop.signal }),
        begun: continued,
        // A repeated search replaces the rows of the last one when it is complete.
        onProgress: (page) => {
          if ((known === undefined || continued) && !stop.signal.aborted) queryClient.setQueryData(queryKey, page);
        },
        isStopped: () => stop.signal.aborted && !signal.aborted,
      });
    },
  });
  const { data } = result;
  const page = useMemo((): ShownPage | undefined => {
    if (!data) return undefined;
    const { items, first_row } = data;
    const before = adjacentPosition(data.prev_cursor, isFromEnd);
    const after = adjacentPosition(data.next_cursor, isFromEnd);
    const searched =
      data.search && items.length < size
        ? { to: data.search.searched_to, isOlderNext: (requested === "-created_at") !== isBackward(data) }
        : null;
    const rest = { searched, previous: isFromEnd ? after : before, next: isFromEnd ? before : after };
    if (!isFromEnd) return { ...rest, rows: items, firstRow: first_row, lastRowFromEnd: null };
    return { ...rest, rows: items.toReversed(), firstRow: null, lastRowFromEnd: first_row };
  }, [data, isFromEnd, requested, size]);

  // Rows stay while the next page of the same list cannot be loaded.
  const listKey = JSON.stringify([tableName, filters, query.range, archived, sort, size]);
  const last = useRef<{ listKey: string; page: ShownPage; at: number }>(undefined);
  if (page && !result.isPlaceholderData) last.current = { listKey, page, at: result.dataUpdatedAt };
  const kept = !page && result.error && last.current?.listKey === listKey ? last.current : undefined;
  const shown = page ?? kept?.page;
  return {
    ...result,
    page: shown,
    rows: shown?.rows ?? NO_ROWS,
    /** When the rows were read, in milliseconds since 1970; null without rows. */
    shownSince: shown ? (kept?.at ?? result.dataUpdatedAt) : null,
    stop: () => stopping.current?.abort(),
    resume: () => {
      begun.current = data ?? null;
      result.refetch();
    },
  };
}

function adjacentPosition(cursor: string | null, isFromEnd: boolean): Position | null {
  if (cursor === null) return null;
  return isFromEnd ? { cursor, from: "end" } : { cursor };
}

function placeOf({ cursor, page, at }: LogQuery["position"]) {
  if (cursor !== null) return { cursor };
  if (page !== null) return { page };
  return at === null ? {} : { at };
}

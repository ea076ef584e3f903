"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import { useTRPC } from "../trpc";
import type { LogRow } from "./log-row";
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
}

/** Loads the page of the URL. A page read from the end is requested in reverse order. */
export function useLogPage(tableName: BrowsedTableName, query: LogQuery) {
  const trpc = useTRPC();
  const { dates, filters, archived, sort, size, position } = query;
  const isFromEnd = position.from === "end";
  const place = placeOf(position);

  const result = useQuery(
    trpc.logs.page.queryOptions(
      {
        table: tableName,
        filters,
        ...dates,
        ...archived,
        page_size: size,
        sort: isFromEnd ? REVERSED[sort] : sort,
        ...place,
        count: "none",
      },
      { placeholderData: keepPreviousData, trpc: { abortOnUnmount: true } },
    ),
  );
  const { data } = result;
  const page = useMemo((): ShownPage | undefined => {
    if (!data) return undefined;
    const { items, first_row } = data;
    const before = adjacentPosition(data.prev_cursor, isFromEnd);
    const after = adjacentPosition(data.next_cursor, isFromEnd);
    if (!isFromEnd) return { rows: items, previous: before, next: after, firstRow: first_row, lastRowFromEnd: null };
    return { rows: items.toReversed(), previous: after, next: before, firstRow: null, lastRowFromEnd: first_row };
  }, [data, isFromEnd]);

  return { ...result, page, rows: page?.rows ?? NO_ROWS };
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

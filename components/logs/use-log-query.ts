"use client";

import {
  createParser,
  createSerializer,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from "nuqs";
import { useCallback, useMemo, useState } from "react";
import type { BrowsedTable } from "@/server/catalog";
import { filterNames } from "@/server/catalog/filter";
import { RELATIVE_RANGES, rangeDates, type TimeRange } from "../time-range/range";

export const PAGE_SIZES = [20, 50, 100, 200] as const;
const DEFAULT_SIZE = 50;

const SORTS = ["-created_at", "created_at"] as const;
export type LogSort = (typeof SORTS)[number];

/** Where in the list one is; an empty one is its first page. */
export interface Position {
  cursor?: string;
  page?: number;
  /** ISO 8601: the page begins there. */
  at?: string;
  /** The list is walked from its other end: the last page, and by cursor those before it. */
  from?: "end";
}

const parseAsCount = createParser({
  parse: (text) => {
    const value = parseAsInteger.parse(text);
    return value !== null && value >= 1 ? value : null;
  },
  serialize: String,
});

const atStart = { cursor: null, page: null, at: null, from: null, asof: null };

const viewParsers = {
  range: parseAsStringLiteral(RELATIVE_RANGES),
  start: parseAsString,
  end: parseAsString,
  sort: parseAsStringLiteral(SORTS).withDefault("-created_at"),
  size: parseAsCount,
  cols: parseAsString,
};

const placeParsers = {
  cursor: parseAsString,
  page: parseAsCount,
  at: parseAsString,
  from: parseAsStringLiteral(["end"]),
  /** The moment that a relative range ends at on later pages: their cursors hold for that one alone. */
  asof: parseAsString,
  live: parseAsStringLiteral(["1"]),
  row: parseAsString,
  /** The name of `size` in older links. */
  page_size: parseAsCount,
};

const parsers = { ...viewParsers, ...placeParsers };

/**
 * What of the table one looks at, all of it in the page's address: a link shows the same, and the
 * browser's back button goes a step back.
 */
export function useLogQuery(table: BrowsedTable) {
  const filterParsers = useMemo(
    () => Object.fromEntries(filterNames(table).map((name) => [name, parseAsString])),
    [table],
  );
  const [filterValues, setFilterValues] = useQueryStates(filterParsers, { history: "push" });
  const [values, setValues] = useQueryStates(parsers, { history: "push" });
  // What a relative range is counted back from, until the next request for newer rows.
  const [now, setNow] = useState(() => Date.now());

  const filters = useMemo(() => {
    const given = Object.entries(filterValues).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return Object.fromEntries(given);
  }, [filterValues]);
  const range = useMemo(() => readRange(values), [values]);
  const { cursor, page, at, from, asof, sort } = values;
  const isFirstPage = !cursor && !at && !from && (page ?? 1) === 1;
  const size = values.size ?? values.page_size ?? DEFAULT_SIZE;
  const base = Date.parse(asof ?? "") || now;
  const live = values.live !== null;
  const dates = useMemo(() => rangeDates(range, base, live), [range, base, live]);
  const view = useMemo(() => {
    const { range, start, end, sort, size, cols } = values;
    return createSerializer({ ...filterParsers, ...viewParsers })({ ...filters, range, start, end, sort, size, cols });
  }, [filterParsers, filters, values]);

  const setCols = useCallback((next: string | null) => setValues({ cols: next }, { history: "replace" }), [setValues]);
  /** Opens a row by its key, or closes it with null. */
  const setRow = useCallback(
    (next: string | null, history: "push" | "replace") => setValues({ row: next }, { history }),
    [setValues],
  );
  /** Says of the place one is at that it is the list's first page. */
  const settleAtStart = useCallback(() => setValues(atStart, { history: "replace" }), [setValues]);

  return {
    filters,
    range,
    /** The range as a request's parameters. */
    dates,
    /** Milliseconds since 1970: what a relative range is counted back from. */
    until: base,
    sort,
    size,
    cols: values.cols,
    live,
    /** The key of the opened row. */
    row: values.row,
    position: { cursor, page, at, from },
    isFirstPage,
    /** The address's query without the place in the list: what a saved view keeps. */
    view,

    /** Replaces all filters. */
    setFilters: (next: Readonly<Record<string, string>>) => {
      const none = Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null]));
      setNow(Date.now());
      setFilterValues({ ...none, ...next });
      setValues({ ...atStart, row: null });
    },
    setRange: (next: TimeRange) => {
      setNow(Date.now());
      const isFixed = next !== null && "start" in next;
      const live = isFixed ? null : values.live;
      setValues({ range: null, start: null, end: null, ...rangeParams(next), ...atStart, row: null, live });
    },
    setSort: (next: LogSort) => setValues({ ...atStart, sort: next, live: null }),
    setSize: (next: number) => setValues({ ...atStart, size: next, page_size: null }),
    setCols,
    setRow,
    goTo: (next: Position) => {
      const isRelative = range !== null && "last" in range;
      const isStart = Object.keys(next).length === 0;
      if (isStart) setNow(Date.now());
      const until = isRelative && !isStart ? { asof: new Date(base).toISOString() } : {};
      setValues({ ...atStart, ...next, ...until, row: null, live: null });
    },
    settleAtStart,
    /** Counts a relative range from now; on later pages from their own moment still, which their cursors hold for. */
    renew: () => {
      setNow(Date.now());
      if (isFirstPage && asof !== null) setValues({ asof: null }, { history: "replace" });
    },
    /** Live rows are the newest ones: it ends at what has no newest. */
    setLive: (live: boolean) => {
      setNow(Date.now());
      if (live) setValues({ ...atStart, sort: null, start: null, end: null, live: "1" });
      else setValues({ live: null });
    },
    /** All rows, beginning with those of a moment. */
    goAround: (moment: string) => {
      setFilterValues(Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null])));
      setValues({ ...atStart, range: null, start: null, end: null, sort: null, live: null, row: null, at: moment });
    },
  };
}

export type LogQuery = ReturnType<typeof useLogQuery>;

interface RangeValues {
  range: (typeof RELATIVE_RANGES)[number] | null;
  start: string | null;
  end: string | null;
}

function readRange({ range, start, end }: RangeValues): TimeRange {
  if (start !== null && end !== null) return { start, end };
  return range === null ? null : { last: range };
}

function rangeParams(range: TimeRange): Partial<RangeValues> {
  if (range === null) return {};
  return "last" in range ? { range: range.last } : range;
}

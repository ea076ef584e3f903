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
import { RELATIVE_RANGES, type RelativeRange, rangeDates, type TimeRange } from "../time-range/range";

export const PAGE_SIZES = [20, 50, 100, 200] as const;
const DEFAULT_SIZE = 50;

const SORTS = ["-created_at", "created_at"] as const;
export type LogSort = (typeof SORTS)[number];

/** The position in the list; empty for the first page. */
export interface Position {
  cursor?: string;
  page?: number;
  /** ISO 8601: the page starts there. */
  at?: string;
  /** Whether the list is read from its end: the last page, and by cursor the pages before it. */
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
  /** `all`: all time, as in an address with other parameters and no range. */
  range: parseAsStringLiteral([...RELATIVE_RANGES, "all"]),
  start: parseAsString,
  end: parseAsString,
  sort: parseAsStringLiteral(SORTS).withDefault("-created_at"),
  size: parseAsCount,
  cols: parseAsString,
  archived: parseAsStringLiteral(["1"]),
};

const placeParsers = {
  cursor: parseAsString,
  page: parseAsCount,
  at: parseAsString,
  from: parseAsStringLiteral(["end"]),
  /** The end of a relative range on later pages, whose cursors are valid only for that range. */
  asof: parseAsString,
  live: parseAsStringLiteral(["1"]),
  row: parseAsString,
  /** The name of `size` in older links. */
  page_size: parseAsCount,
};

const parsers = { ...viewParsers, ...placeParsers };

/**
 * The query of a log page, stored in the URL: a link shows the same, and the browser's back button undoes a step.
 * @param usual the range of an address without range, filters and position. With filters or a position, such an address
 * means all time, as it did in older links and views.
 */
export function useLogQuery(table: BrowsedTable, usual: RelativeRange | null) {
  const filterParsers = useMemo(
    () => Object.fromEntries(filterNames(table).map((name) => [name, parseAsString])),
    [table],
  );
  const [filterValues, setFilterValues] = useQueryStates(filterParsers, { history: "push" });
  const [values, setValues] = useQueryStates(parsers, { history: "push" });
  // The end of a relative range, until the next refresh.
  const [now, setNow] = useState(() => Date.now());

  const filters = useMemo(() => {
    const active = Object.entries(filterValues).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return Object.fromEntries(active);
  }, [filterValues]);
  const { cursor, page, at, from, asof, sort } = values;
  const isPlain = Object.keys(filters).length === 0 && !cursor && !page && !at && !from;
  const { range: ownRange, start, end } = values;
  const range = useMemo(
    () => readRange({ range: ownRange ?? (isPlain ? usual : null), start, end }),
    [ownRange, start, end, isPlain, usual],
  );
  /** The range as a parameter, for addresses in which none would mean another one. */
  const allTime = usual === null ? {} : ({ range: "all" } as const);
  const named = range === null ? allTime : "last" in range ? { range: range.last } : {};
  const isFirstPage = !cursor && !at && !from && (page ?? 1) === 1;
  const size = values.size ?? values.page_size ?? DEFAULT_SIZE;
  const base = Date.parse(asof ?? "") || now;
  const live = values.live !== null;
  const dates = useMemo(() => rangeDates(range, base, live), [range, base, live]);
  const view = useMemo(() => {
    const { range, start, end, sort, size, cols, archived } = values;
    const serialize = createSerializer({ ...filterParsers, ...viewParsers });
    return serialize({ ...filters, range, start, end, sort, size, cols, archived });
  }, [filterParsers, filters, values]);

  const setCols = useCallback((next: string | null) => setValues({ cols: next }, { history: "replace" }), [setValues]);
  /** Opens a row by its key, or closes it with null. */
  const setRow = useCallback(
    (next: string | null, history: "push" | "replace") => setValues({ row: next }, { history }),
    [setValues],
  );
  /** Marks the current position as the first page. */
  const markAsFirstPage = useCallback(() => setValues(atStart, { history: "replace" }), [setValues]);

  return {
    filters,
    range,
    /** The range as a request's parameters. */
    dates,
    /** The end of a relative range, in milliseconds since 1970. */
    until: base,
    sort,
    size,
    cols: values.cols,
    live,
    /** The parameter of requests that includes archived rows. */
    archived: values.archived === null ? {} : { include_archived: true },
    /** The key of the opened row. */
    row: values.row,
    position: { cursor, page, at, from },
    isFirstPage,
    /** The URL query without the position: the content of a saved view. */
    view,

    /** Replaces all filters. */
    setFilters: (next: Readonly<Record<string, string>>) => {
      const none = Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null]));
      setNow(Date.now());
      setFilterValues({ ...none, ...next });
      const isUsual = Object.keys(next).length === 0 && range !== null && "last" in range && range.last === usual;
      setValues({ ...atStart, ...named, ...(isUsual && { range: null }), row: null });
    },
    setRange: (next: TimeRange) => {
      setNow(Date.now());
      const isFixed = next !== null && "start" in next;
      const live = isFixed ? null : values.live;
      setValues({ start: null, end: null, ...rangeParams(next), ...atStart, row: null, live });
    },
    setSort: (next: LogSort) => setValues({ ...atStart, sort: next, live: null }),
    setSize: (next: number) => setValues({ ...atStart, size: next, page_size: null }),
    setArchived: (next: boolean) => {
      setNow(Date.now());
      setValues({ ...atStart, archived: next ? "1" : null, row: null, live: null });
    },
    setCols,
    setRow,
    goTo: (next: Position) => {
      const isRelative = range !== null && "last" in range;
      const isStart = Object.keys(next).length === 0;
      if (isStart) setNow(Date.now());
      const until = isRelative && !isStart ? { asof: new Date(base).toISOString() } : {};
      setValues({ ...atStart, ...named, ...next, ...until, row: null, live: null });
    },
    markAsFirstPage,
    /** Moves a relative range to now; later pages retain their end, for which their cursors are valid. */
    renew: () => {
      setNow(Date.now());
      if (isFirstPage && asof !== null) setValues({ asof: null }, { history: "replace" });
    },
    /** Live tail requires a range without a fixed end. */
    setLive: (live: boolean) => {
      setNow(Date.now());
      if (live) setValues({ ...atStart, sort: null, start: null, end: null, archived: null, live: "1" });
      else setValues({ live: null });
    },
    /** All rows, starting at a point in time. */
    showContext: (moment: string) => {
      setFilterValues(Object.fromEntries(Object.keys(filterParsers).map((name) => [name, null])));
      setValues({ ...atStart, range: "all", start: null, end: null, sort: null, live: null, row: null, at: moment });
    },
  };
}

export type LogQuery = ReturnType<typeof useLogQuery>;

interface RangeValues {
  range: RelativeRange | "all" | null;
  start: string | null;
  end: string | null;
}

function readRange({ range, start, end }: RangeValues): TimeRange {
  if (start !== null && end !== null) return { start, end };
  return range === null || range === "all" ? null : { last: range };
}

function rangeParams(range: TimeRange): Partial<RangeValues> {
  if (range === null) return { range: "all" };
  return "last" in range ? { range: range.last } : { range: null, ...range };
}

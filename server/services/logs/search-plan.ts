import type { Instant } from "@/server/lib/time";
import { MAX_SHORT, nextWindows, type TimeWindow } from "./search-windows";

/** Rows next to the start that are read and filtered first, which finds common values immediately. */
const NEAR_ROWS = 250;
/** With at least this many matches among them, the others are expected among the next few thousand rows. */
const NEAR_MATCHES = 5;
/** With fewer matches, all matches of half a day can be fetched. */
const SPARSE_MATCHES = 2;
/**
 * The first window for sparse matches, as a multiple of the time range of the near rows: 50,000 rows of even traffic.
 */
const SPARSE_FACTOR = 200;
/** A window is sized for this multiple of the remaining rows; larger if its estimate is based on a few rows. */
const MARGIN = 2;
const WIDE_MARGIN = 4;
/** The factor by which a window shrinks after too many matches, and the factor by which it grows afterwards. */
const SHRINK = 64;
const GROW = 8;
/** A window of this length or less, in milliseconds, is read in the order of the primary key. */
const MIN_SPAN = 1_000;

/** The parameters of a search. Times are in milliseconds since 1970. */
export interface Search {
  readonly limit: number;
  readonly ascending: boolean;
  /** The end of the time range in the direction of the search. */
  readonly end?: number;
  /** Whether the search starts at the end of the list, so that no row precedes it. */
  readonly isFromEnd: boolean;
  /** Whether matches are found by the index that includes the time of a row. */
  readonly hasSlots: boolean;
}

/** The start of a step: the start of the search, after a row, or at a time. */
export type Position =
  | { readonly kind: "start" }
  | { readonly kind: "row"; readonly created_at: Instant; readonly id: string }
  | { readonly kind: "time"; readonly at: number };

/** The next read. Each step returns at most `limit` rows, in order. */
export type Step =
  /** Filters the next `rows` rows. */
  | { readonly kind: "near"; readonly from: Position; readonly limit: number; readonly rows: number }
  /** Finds the matches of windows by the indexes. Returns none if a window has more than `maxMatches`. */
  | {
      readonly kind: "windows";
      readonly from: Position;
      readonly limit: number;
      readonly windows: readonly TimeWindow[];
      readonly maxMatches: number;
    }
  /** Finds the next matches in the order of the primary key. */
  | { readonly kind: "in order"; readonly from: Position; readonly limit: number };

/** The result of a step. */
export interface Answer {
  /** The number of rows returned. */
  readonly found: number;
  /** For a near step with fewer matches than its limit: the last row read. Undefined at the end of the table. */
  readonly edge?: Edge;
  /** For windows: whether one had more than `maxMatches`. */
  readonly isTooMany?: boolean;
}

export interface Edge {
  readonly row: Position & { readonly kind: "row" };
  /** A time that is not after the first row behind this one. */
  readonly at: number;
  /** The time range of the rows read, in milliseconds. */
  readonly span: number;
}

/** The progress of a search and its next step; null when it is complete. */
export interface SearchState {
  readonly search: Search;
  readonly found: number;
  readonly step: Step | null;
  /** The time range of the near rows, in milliseconds. */
  readonly nearSpan: number;
  readonly windows?: Windows;
}

/** The values that determine the next windows. */
interface Windows {
  readonly from: Position;
  readonly at: number;
  /** Undefined for the rest of the list. */
  readonly span: number | undefined;
  /** Whether hardly any near row matched. */
  readonly isSparse: boolean;
  readonly sparseSpan: number;
  /** Whether a window had too many matches. */
  readonly hasOverflowed: boolean;
}

/** Starts a search with the rows next to the start, for any value. */
export function beginSearch(search: Search): SearchState {
  const step = { kind: "near", from: { kind: "start" }, limit: search.limit, rows: NEAR_ROWS } as const;
  return { search, found: 0, nearSpan: 0, step };
}

/**
 * Returns the state after `answer` to the current step. Near rows are read a second time if some matched. Then follow
 * windows of time, each sized by the matches of the previous one, and the whole rest if a window had none.
 */
export function advance(state: SearchState, answer: Answer): SearchState {
  const next = { ...state, found: state.found + answer.found };
  if (state.step === null || state.step.kind === "in order" || next.found >= state.search.limit) return end(next);
  return state.step.kind === "near" ? afterNear(next, state.step, answer) : afterWindows(next, state.step, answer);
}

function afterNear(state: SearchState, step: Step, { edge }: Answer): SearchState {
  if (!edge) return end(state);
  const { search, found } = state;
  const nearSpan = state.nearSpan + edge.span;
  const limit = search.limit - found;
  if (step.from.kind === "start" && found >= NEAR_MATCHES) {
    const rows = NEAR_ROWS * 2 ** Math.ceil(Math.log2(Math.max(1, (MARGIN * limit) / found)));
    // Powers of two, to limit the number of prepared statements.
    return { ...state, nearSpan, step: { kind: "near", from: edge.row, limit, rows } };
  }
  const isSparse = found < SPARSE_MATCHES;
  const sparseSpan = Math.max(nearSpan * SPARSE_FACTOR, MIN_SPAN);
  const expected = nearSpan * Math.max(1, (WIDE_MARGIN * limit) / found);
  const span = isSparse ? sparseSpan : Math.max(Math.min(expected, MAX_SHORT), MIN_SPAN);
  return searchWindows(
    { ...state, nearSpan },
    { from: edge.row, at: edge.at, span, isSparse, sparseSpan, hasOverflowed: false },
  );
}

function afterWindows(state: SearchState, step: Step & { kind: "windows" }, answer: Answer): SearchState {
  const { search, found, windows } = state;
  if (!windows) return end(state);
  const { at, sparseSpan } = windows;
  const to = step.windows.at(-1)?.to;
  const length = to === undefined ? undefined : Math.abs(to - at);
  if (answer.isTooMany) {
    const tried = length ?? windows.span;
    const span = tried === undefined ? sparseSpan * GROW : tried / SHRINK;
    if (span < MIN_SPAN) return { ...state, step: { kind: "in order", from: step.from, limit: step.limit } };
    return searchWindows(state, { ...windows, span, hasOverflowed: true });
  }
  if (to === undefined || length === undefined || to === search.end) return end(state);
  const span = spanAfter(windows, length, answer.found, search.limit - found);
  return searchWindows(state, { ...windows, from: { kind: "time", at: to }, at: to, span });
}

/** Returns the length of the window after one that had `found` matches. */
function spanAfter({ hasOverflowed, sparseSpan }: Windows, length: number, found: number, wanted: number) {
  if (found > 0) {
    const span = length * Math.max(1, (MARGIN * wanted) / found);
    // A longer window would have too many matches again.
    return hasOverflowed ? Math.min(span, MAX_SHORT) : span;
  }
  if (hasOverflowed) return length * GROW;
  // A short gap without matches is not representative of the rest.
  return length < sparseSpan ? sparseSpan : undefined;
}

function searchWindows(state: SearchState, windows: Windows): SearchState {
  const { search, found } = state;
  const { at, span, isSparse, hasOverflowed, from } = windows;
  const limit = search.limit - found;
  const next = nextWindows({
    at,
    span,
    end: search.end,
    ascending: search.ascending,
    isWalked: search.isFromEnd && !hasOverflowed,
    // The index of all values always looks up the matches of a whole slot.
    isSparse: search.hasSlots && isSparse && !hasOverflowed,
  });
  return { ...state, windows, step: { kind: "windows", from, limit, windows: next, maxMatches: maxMatches(limit) } };
}

/**
 * The maximum number of matches of a window. With more, all of them would be fetched and sorted to return the first
 * few. Exceeding it costs one additional window: the time to fetch 4,000 matches.
 */
const maxMatches = (limit: number) => Math.max(4_000, 4 * limit);

const end = (state: SearchState): SearchState => ({ ...state, step: null });

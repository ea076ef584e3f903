import type { Instant } from "@/server/lib/time";
import { MAX_SHORT, nextWindows, type TimeWindow } from "./search-windows";

/** Rows next to the start that are read and filtered first: what a tenth of all rows have is found among them. */
const NEAR_ROWS = 250;
/** So many matches among them promise the rest among the next few thousand. */
const NEAR_MATCHES = 5;
/** With fewer, the matches of half a day are not too many to be fetched. */
const SPARSE_MATCHES = 2;
/** So many times the time of the near rows is asked of the indexes next where few match: 50,000 rows if traffic is even. */
const SPARSE_FACTOR = 200;
/** A window is sized for so many times the rows that are still wanted; more where a handful of rows is all that is known. */
const MARGIN = 2;
const WIDE_MARGIN = 4;
/** How a window shrinks where it had too many matches, and grows after that. */
const SHRINK = 64;
const GROW = 8;
/** Milliseconds. A window this short is read in the order of the primary key. */
const MIN_SPAN = 1_000;

/** What is searched for; times in milliseconds since 1970. */
export interface Search {
  readonly limit: number;
  readonly ascending: boolean;
  /** The end of the time range, in the direction of the search. */
  readonly end?: number;
  /** Whether the search begins at the end of the list, so that no row is before it. */
  readonly isFromEnd: boolean;
  /** Whether the index that knows the time of a row finds the matches. */
  readonly hasSlots: boolean;
}

/** Where a step begins: at the start of the search, behind a row, or at a time. */
export type Position =
  | { readonly kind: "start" }
  | { readonly kind: "row"; readonly created_at: Instant; readonly id: string }
  | { readonly kind: "time"; readonly at: number };

/** What to read next. Each gives at most `limit` rows, in order. */
export type Step =
  /** The matches among the next `rows` rows, whether they match or not. */
  | { readonly kind: "near"; readonly from: Position; readonly limit: number; readonly rows: number }
  /** The matches of windows, by the indexes; none of them where one has more than `maxMatches`. */
  | {
      readonly kind: "windows";
      readonly from: Position;
      readonly limit: number;
      readonly windows: readonly TimeWindow[];
      readonly maxMatches: number;
    }
  /** The next matches, in the order of the primary key. */
  | { readonly kind: "in order"; readonly from: Position; readonly limit: number };

/** What a step came to. */
export interface Answer {
  /** How many rows it gave. */
  readonly found: number;
  /** Of a near step with fewer rows than its limit: the last row looked at, unless there were fewer to look at. */
  readonly edge?: Edge;
  /** Of windows: whether one had more than `maxMatches`. */
  readonly isTooMany?: boolean;
}

export interface Edge {
  readonly row: Position & { readonly kind: "row" };
  /** Not beyond the first row behind it. */
  readonly at: number;
  /** Milliseconds that the rows looked at span. */
  readonly span: number;
}

/** How far a search is, and what it reads next; null once it has all its rows, or there are no more. */
export interface SearchState {
  readonly search: Search;
  readonly found: number;
  readonly step: Step | null;
  /** Milliseconds that the near rows span. */
  readonly walked: number;
  readonly windows?: Windows;
}

/** What the size of the next windows depends on. */
interface Windows {
  readonly from: Position;
  readonly at: number;
  /** All that is left where undefined. */
  readonly span: number | undefined;
  /** Whether hardly any of the near rows matched. */
  readonly isSparse: boolean;
  readonly sparseSpan: number;
  /** Whether a window had too many matches. */
  readonly hasOverflowed: boolean;
}

/** The rows next to the start come first, whatever they have. */
export function beginSearch(search: Search): SearchState {
  const step = { kind: "near", from: { kind: "start" }, limit: search.limit, rows: NEAR_ROWS } as const;
  return { search, found: 0, walked: 0, step };
}

/**
 * The state after `answer` to the state's step: near rows a second time where some matched, then windows of time, each
 * sized by how many matches the last one had, and all the rest at once where it had none.
 */
export function advance(state: SearchState, answer: Answer): SearchState {
  const next = { ...state, found: state.found + answer.found };
  if (state.step === null || state.step.kind === "in order" || next.found >= state.search.limit) return end(next);
  return state.step.kind === "near" ? afterNear(next, state.step, answer) : afterWindows(next, state.step, answer);
}

function afterNear(state: SearchState, step: Step, { edge }: Answer): SearchState {
  if (!edge) return end(state);
  const { search, found } = state;
  const walked = state.walked + edge.span;
  const limit = search.limit - found;
  if (step.from.kind === "start" && found >= NEAR_MATCHES) {
    const rows = NEAR_ROWS * 2 ** Math.ceil(Math.log2(Math.max(1, (MARGIN * limit) / found)));
    // Steps of two, so that there are few statements to be prepared.
    return { ...state, walked, step: { kind: "near", from: edge.row, limit, rows } };
  }
  const isSparse = found < SPARSE_MATCHES;
  const sparseSpan = Math.max(walked * SPARSE_FACTOR, MIN_SPAN);
  const promised = walked * Math.max(1, (WIDE_MARGIN * limit) / found);
  const span = isSparse ? sparseSpan : Math.max(Math.min(promised, MAX_SHORT), MIN_SPAN);
  return lookIn(
    { ...state, walked },
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
    return lookIn(state, { ...windows, span, hasOverflowed: true });
  }
  if (to === undefined || length === undefined || to === search.end) return end(state);
  const span = spanAfter(windows, length, answer.found, search.limit - found);
  return lookIn(state, { ...windows, from: { kind: "time", at: to }, at: to, span });
}

/** The size of the window behind one that had `found` matches. */
function spanAfter({ hasOverflowed, sparseSpan }: Windows, length: number, found: number, wanted: number) {
  if (found > 0) {
    const span = length * Math.max(1, (MARGIN * wanted) / found);
    // A month would have too many once more.
    return hasOverflowed ? Math.min(span, MAX_SHORT) : span;
  }
  if (hasOverflowed) return length * GROW;
  // A gap of a few rows promises nothing of all the others.
  return length < sparseSpan ? sparseSpan : undefined;
}

function lookIn(state: SearchState, windows: Windows): SearchState {
  const { search, found } = state;
  const { at, span, isSparse, hasOverflowed, from } = windows;
  const limit = search.limit - found;
  const next = nextWindows({
    at,
    span,
    end: search.end,
    ascending: search.ascending,
    isWalked: search.isFromEnd && !hasOverflowed,
    // The index of all values looks up what matches in a whole slot anyhow.
    isSparse: search.hasSlots && isSparse && !hasOverflowed,
  });
  return { ...state, windows, step: { kind: "windows", from, limit, windows: next, maxMatches: maxMatches(limit) } };
}

/**
 * A window with more matches is too long: they would all be fetched, and sorted, for the first few. Giving up costs
 * a window more, as long as fetching 4,000 takes.
 */
const maxMatches = (limit: number) => Math.max(4_000, 4 * limit);

const end = (state: SearchState): SearchState => ({ ...state, step: null });

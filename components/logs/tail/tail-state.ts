import { type LogRow, rowKey } from "../log-row";

/** Maximum rows of the live tail; older ones are on the next page. */
export const MAX_TAIL_ROWS = 500;

/** The rows of the live tail, and those held back while it is paused. */
export interface TailState {
  /** Identifies the list; rows of another one are dropped. */
  readonly view: string;
  /** Newest first. */
  readonly rows: readonly LogRow[];
  /** Newest first, at most MAX_TAIL_ROWS. */
  readonly waiting: readonly LogRow[];
  /** The number of rows held back, including those beyond the maximum. */
  readonly waitingCount: number;
  /** The number of rows that the server skipped: it sends at most 200 per second. */
  readonly skipped: number;
}

export type TailAction =
  | { type: "rows"; view: string; rows: readonly LogRow[]; skipped: number; isPaused: boolean }
  | { type: "release" };

export const NO_TAIL: TailState = { view: "", rows: [], waiting: [], waitingCount: 0, skipped: 0 };

/** Adds rows, in any order and possibly known, or releases those held back. */
export function tailReducer(state: TailState, action: TailAction): TailState {
  if (action.type === "release") {
    if (state.waitingCount === 0) return state;
    return { ...state, rows: newestFirst([...state.waiting, ...state.rows]), waiting: [], waitingCount: 0 };
  }
  if (action.view !== state.view) {
    return { ...NO_TAIL, view: action.view, rows: newestFirst(action.rows), skipped: action.skipped };
  }
  const known = new Set([...state.rows, ...state.waiting].map(rowKey));
  const oldest = state.rows.at(-1);
  // A full list has dropped older rows: they are not new when they arrive again.
  const isPast = (row: LogRow) =>
    state.rows.length >= MAX_TAIL_ROWS && oldest !== undefined && row.created_at < oldest.created_at;
  const rows = action.rows.filter((row) => !known.has(rowKey(row)) && !isPast(row));
  const skipped = state.skipped + action.skipped;
  if (rows.length === 0) return skipped === state.skipped ? state : { ...state, skipped };
  if (!action.isPaused) return { ...state, rows: newestFirst([...rows, ...state.rows]), skipped };
  return {
    ...state,
    skipped,
    waiting: newestFirst([...rows, ...state.waiting]),
    waitingCount: state.waitingCount + rows.length,
  };
}

function newestFirst(rows: readonly LogRow[]): LogRow[] {
  return rows.toSorted((a, b) => compare(b.created_at, a.created_at) || compare(b.id, a.id)).slice(0, MAX_TAIL_ROWS);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

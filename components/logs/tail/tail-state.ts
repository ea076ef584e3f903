import { type LogRow, rowKey } from "../log-row";

/** As many rows are kept while they come in; older ones are a page away. */
export const KEPT_ROWS = 500;

/** The newest rows as they come in, and those held back while the person reads. */
export interface TailState {
  /** What list this is of; rows of another one are never shown. */
  readonly view: string;
  /** Newest first. */
  readonly rows: readonly LogRow[];
  /** Newest first, at most KEPT_ROWS. */
  readonly waiting: readonly LogRow[];
  /** How many wait: those too many to keep count too. */
  readonly waitingCount: number;
  /** How many the server left out, since it sends 200 a second at most. */
  readonly skipped: number;
  /** Keys of rows that just came. */
  readonly fresh: ReadonlySet<string>;
}

export type TailAction =
  | { type: "rows"; view: string; rows: readonly LogRow[]; skipped: number; hold: boolean }
  | { type: "release" };

const NONE: ReadonlySet<string> = new Set();

export const NO_TAIL: TailState = { view: "", rows: [], waiting: [], waitingCount: 0, skipped: 0, fresh: NONE };

/** Takes in rows, in any order and maybe known already, or shows those that wait. */
export function tailReducer(state: TailState, action: TailAction): TailState {
  if (action.type === "release") {
    if (state.waitingCount === 0) return state;
    return { ...state, ...joined(state.waiting, state.rows), waiting: [], waitingCount: 0 };
  }
  if (action.view !== state.view) {
    return { ...NO_TAIL, view: action.view, rows: newestFirst(action.rows), skipped: action.skipped };
  }
  const known = new Set([...state.rows, ...state.waiting].map(rowKey));
  const oldest = state.rows.at(-1);
  // A full list has let go of what was older: that is not new when it comes again.
  const isPast = (row: LogRow) =>
    state.rows.length >= KEPT_ROWS && oldest !== undefined && row.created_at < oldest.created_at;
  const rows = action.rows.filter((row) => !known.has(rowKey(row)) && !isPast(row));
  const skipped = state.skipped + action.skipped;
  if (rows.length === 0) return skipped === state.skipped ? state : { ...state, skipped };
  if (!action.hold) return { ...state, ...joined(rows, state.rows), skipped };
  return {
    ...state,
    skipped,
    waiting: newestFirst([...rows, ...state.waiting]),
    waitingCount: state.waitingCount + rows.length,
  };
}

function joined(added: readonly LogRow[], rows: readonly LogRow[]): Pick<TailState, "rows" | "fresh"> {
  return { rows: newestFirst([...added, ...rows]), fresh: rows.length === 0 ? NONE : new Set(added.map(rowKey)) };
}

function newestFirst(rows: readonly LogRow[]): LogRow[] {
  return rows.toSorted((a, b) => compare(b.created_at, a.created_at) || compare(b.id, a.id)).slice(0, KEPT_ROWS);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

"use client";

import { useState } from "react";
import type { LogRow } from "./log-page";
import { rowKey } from "./row-key";

interface Shown {
  view: string;
  rows: readonly LogRow[];
  /** Keys of rows that just came. */
  fresh: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Lets new rows in at the top at once, or holds them back while `hold` (the person reads further down).
 * @param view what is looked at; another view is shown at once, without marking anything as fresh
 * @returns the rows to show, those among them that just came, and how many wait
 */
export function useLiveRows(view: string, latest: readonly LogRow[], hold: boolean) {
  const [shown, setShown] = useState<Shown>({ view, rows: latest, fresh: NONE });

  const advance = () => {
    const known = new Set(shown.rows.map(rowKey));
    const isFollowUp = view === shown.view && shown.rows.length > 0;
    const fresh = isFollowUp ? new Set(latest.map(rowKey).filter((key) => !known.has(key))) : NONE;
    setShown({ view, rows: latest, fresh });
  };

  if (latest !== shown.rows && (!hold || view !== shown.view || shown.rows.length === 0)) advance();

  const [first] = shown.rows;
  const at = first ? latest.findIndex((row) => rowKey(row) === rowKey(first)) : -1;
  const waiting = latest === shown.rows ? 0 : at === -1 ? latest.length : at;
  return { rows: shown.rows, fresh: shown.fresh, waiting, isAllNew: at === -1, showWaiting: advance };
}

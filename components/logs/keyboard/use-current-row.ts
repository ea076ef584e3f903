"use client";

import { useState } from "react";
import { type LogRow, rowKey } from "../log-row";

/** The row that the keyboard is at: it has the focus, so that a screen reader tells it too. */
export function useCurrentRow(rows: readonly LogRow[], area: HTMLElement | null) {
  const [current, setCurrent] = useState<string | null>(null);

  const lineOf = (key: string) => area?.querySelector(`[data-row="${CSS.escape(key)}"]`);

  return {
    current,
    setCurrent,
    /**
     * Goes `steps` rows on from `from`, as far as there are rows.
     * @returns the key of the row it is at now; null without rows
     */
    step: (from: string | null, steps: number): string | null => {
      const index = rows.findIndex((row) => rowKey(row) === from);
      const next = rows[index < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, index + steps))];
      if (!next) return null;
      const key = rowKey(next);
      setCurrent(key);
      lineOf(key)?.scrollIntoView({ block: "nearest" });
      return key;
    },
    focus: (key: string) => lineOf(key)?.querySelector("button")?.focus({ preventScroll: true }),
  };
}

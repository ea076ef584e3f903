"use client";

import { useState } from "react";
import { type LogRow, rowKey } from "../log-row";

/** The current row for keyboard navigation; it has the focus, so that screen readers announce it. */
export function useCurrentRow(rows: readonly LogRow[], area: HTMLElement | null) {
  const [current, setCurrent] = useState<string | null>(null);

  const lineOf = (key: string) => area?.querySelector(`[data-row="${CSS.escape(key)}"]`);

  return {
    current,
    setCurrent,
    /**
     * Moves `steps` rows from `from`, within the rows.
     * @returns the key of the new current row; null without rows
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

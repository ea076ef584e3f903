"use client";

import { type RefObject, useState } from "react";
import { type LogRow, rowKey } from "../log-row";

/** The row that the keyboard is at: it has the focus, so that a screen reader tells it too. */
export function useCurrentRow(rows: readonly LogRow[], area: RefObject<HTMLElement | null>) {
  const [current, setCurrent] = useState<string | null>(null);

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
      const line = area.current?.querySelector(`[data-row="${CSS.escape(key)}"]`);
      line?.querySelector("button")?.focus({ preventScroll: true });
      line?.scrollIntoView({ block: "nearest" });
      return key;
    },
  };
}

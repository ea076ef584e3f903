"use client";

import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import type { LogRow } from "../log-row";
import type { LogQuery } from "../use-log-query";
import type { PauseReason } from "./tail-bar";
import { useReading } from "./use-reading";
import { useTail } from "./use-tail";

interface Options {
  table: BrowsedTableName;
  query: LogQuery;
  head: readonly LogRow[] | undefined;
  onReadHead: () => void;
  /** The scroll container and the mark at the start of the rows; null without rows. */
  scroller: HTMLElement | null;
  top: HTMLElement | null;
}

/** The live tail, paused by its button or while the user reads. */
export function useLiveTail({ table, query, head, onReadHead, scroller, top }: Options) {
  const { live, filters, row } = query;
  const [paused, setPaused] = useState(false);
  if (paused && !live) setPaused(false);
  const { scrolled, pointed } = useReading(live, top, scroller);
  const pauseReason: PauseReason = !live
    ? null
    : paused
      ? "button"
      : row !== null
        ? "opened"
        : scrolled
          ? "scrolled"
          : pointed
            ? "pointed"
            : null;
  const tail = useTail({ table, filters, enabled: live, head, onReadHead, isPaused: pauseReason !== null });

  return {
    ...tail,
    pauseReason,
    setPaused,
    /** Shows the pending rows and scrolls to the top. */
    show: () => {
      setPaused(false);
      tail.release();
      scroller?.scrollTo({ top: 0 });
      top?.scrollIntoView({ block: "nearest" });
    },
  };
}

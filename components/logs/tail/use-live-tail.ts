"use client";

import { useState } from "react";
import type { BrowsedTableName } from "@/server/catalog";
import type { LogRow } from "../log-row";
import type { LogQuery } from "../use-log-query";
import type { HoldReason } from "./tail-bar";
import { useReading } from "./use-reading";
import { useTail } from "./use-tail";

interface Options {
  table: BrowsedTableName;
  query: LogQuery;
  head: readonly LogRow[] | undefined;
  onReadHead: () => void;
  /** What scrolls, and the mark at the beginning of the rows; null while there are none. */
  scroller: HTMLElement | null;
  top: HTMLElement | null;
}

/** The live tail with what makes it wait: the person's button, or that the person reads. */
export function useLiveTail({ table, query, head, onReadHead, scroller, top }: Options) {
  const { live, filters, row } = query;
  const [paused, setPaused] = useState(false);
  if (paused && !live) setPaused(false);
  const { scrolled, pointed } = useReading(live, top, scroller);
  const hold: HoldReason = !live
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
  const tail = useTail({ table, filters, enabled: live, head, onReadHead, hold: hold !== null });

  return {
    ...tail,
    hold,
    setPaused,
    /** Shows what waits, from the top. */
    show: () => {
      setPaused(false);
      tail.release();
      scroller?.scrollTo({ top: 0 });
      top?.scrollIntoView({ block: "nearest" });
    },
  };
}

"use client";

import { useEffect, useRef } from "react";

/** Shows the beginning of the rows whenever another page of them is there. */
export function useScrollToStart(page: string, isLoading: boolean, area: HTMLElement | null) {
  const shown = useRef(page);
  useEffect(() => {
    if (isLoading || shown.current === page) return;
    shown.current = page;
    area?.scrollTo({ top: 0 });
    const panel = area?.parentElement;
    if (panel && panel.getBoundingClientRect().top < 0) panel.scrollIntoView();
  }, [page, isLoading, area]);
}

"use client";

import { useEffect, useRef } from "react";

/** Scrolls to the start of the rows when another page is shown. */
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

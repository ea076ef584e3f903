"use client";

import { type RefObject, useEffect, useRef } from "react";

/** Shows the beginning of the rows whenever another page of them is there. */
export function useScrollToStart(page: string, isLoading: boolean, area: RefObject<HTMLElement | null>) {
  const shown = useRef(page);
  useEffect(() => {
    if (isLoading || shown.current === page) return;
    shown.current = page;
    area.current?.scrollTo({ top: 0 });
    const panel = area.current?.parentElement;
    if (panel && panel.getBoundingClientRect().top < 0) panel.scrollIntoView();
  }, [page, isLoading, area]);
}

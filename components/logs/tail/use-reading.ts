"use client";

import { type RefObject, useEffect, useState } from "react";

interface Reading {
  scrolled: boolean;
  pointed: boolean;
}

/**
 * Whether the person reads further down (`top` is above what is seen), or is at a row with the
 * mouse or the keyboard: then rows must stay where they are.
 * @param top an element at the beginning of the rows
 * @param area what holds the rows
 */
export function useReading(
  enabled: boolean,
  top: RefObject<HTMLElement | null>,
  area: RefObject<HTMLElement | null>,
): Reading {
  const [scrolled, setScrolled] = useState(false);
  const [pointed, setPointed] = useState(false);

  useEffect(() => {
    const mark = top.current;
    if (!enabled || !mark) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry) return;
      const isBelow = entry.boundingClientRect.top >= window.innerHeight;
      setScrolled(!entry.isIntersecting && !isBelow);
    });
    observer.observe(mark);
    return () => {
      observer.disconnect();
      setScrolled(false);
    };
  }, [enabled, top]);

  useEffect(() => {
    const rows = area.current;
    if (!enabled || !rows) return;
    const stop = new AbortController();
    const point = (on: boolean) => (event: PointerEvent) => {
      if (event.pointerType === "mouse") setPointed(on);
    };
    const focus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.closest("tbody")) setPointed(target.matches(":focus-visible"));
    };
    rows.addEventListener("focusin", focus, { signal: stop.signal });
    rows.addEventListener("focusout", () => setPointed(false), { signal: stop.signal });
    rows.addEventListener("pointerenter", point(true), { signal: stop.signal });
    rows.addEventListener("pointerleave", point(false), { signal: stop.signal });
    return () => {
      stop.abort();
      setPointed(false);
    };
  }, [enabled, area]);

  return { scrolled, pointed };
}

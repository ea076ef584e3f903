"use client";

import { useEffect, useState } from "react";

interface Reading {
  scrolled: boolean;
  pointed: boolean;
}

/**
 * Returns whether the user has scrolled down (`top` is out of view) or points at a row by mouse or keyboard. Rows must
 * not move in the meantime.
 * @param top an element at the beginning of the rows
 * @param area the element that contains the rows
 */
export function useReading(enabled: boolean, top: HTMLElement | null, area: HTMLElement | null): Reading {
  const [scrolled, setScrolled] = useState(false);
  const [pointed, setPointed] = useState(false);

  useEffect(() => {
    if (!enabled || !top) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry) return;
      const isBelow = entry.boundingClientRect.top >= window.innerHeight;
      setScrolled(!entry.isIntersecting && !isBelow);
    });
    observer.observe(top);
    return () => {
      observer.disconnect();
      setScrolled(false);
    };
  }, [enabled, top]);

  useEffect(() => {
    if (!enabled || !area) return;
    const stop = new AbortController();
    const point = (on: boolean) => (event: PointerEvent) => {
      if (event.pointerType === "mouse") setPointed(on);
    };
    const focus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.closest("tbody")) setPointed(target.matches(":focus-visible"));
    };
    area.addEventListener("focusin", focus, { signal: stop.signal });
    area.addEventListener("focusout", () => setPointed(false), { signal: stop.signal });
    area.addEventListener("pointerenter", point(true), { signal: stop.signal });
    area.addEventListener("pointerleave", point(false), { signal: stop.signal });
    return () => {
      stop.abort();
      setPointed(false);
    };
  }, [enabled, area]);

  return { scrolled, pointed };
}

"use client";

import { useEffect, useRef } from "react";

/**
 * A browser drops the focus of what is disabled or taken away. The element with this ref gets it once `isAway` is over,
 * or the page's content where that element is gone too, unless the person has gone elsewhere.
 */
export function useFocusAfter<E extends HTMLElement = HTMLButtonElement>(isAway: boolean) {
  const element = useRef<E>(null);
  const wasAway = useRef(false);
  useEffect(() => {
    if (!isAway && wasAway.current && document.activeElement === document.body)
      (element.current ?? document.getElementById("main"))?.focus();
    wasAway.current = isAway;
  }, [isAway]);
  return element;
}

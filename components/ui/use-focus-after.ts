"use client";

import { useEffect, useRef } from "react";

/**
 * A browser drops the focus of what is disabled or taken away. The button with this ref gets it back once `isAway` is
 * over, unless the person has gone elsewhere.
 */
export function useFocusAfter(isAway: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const wasAway = useRef(false);
  useEffect(() => {
    if (!isAway && wasAway.current && document.activeElement === document.body) button.current?.focus();
    wasAway.current = isAway;
  }, [isAway]);
  return button;
}

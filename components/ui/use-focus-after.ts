"use client";

import { useEffect, useRef } from "react";

/**
 * Restores the focus after a control was disabled or removed, which browsers drop. Once `isBusy` is over, the element
 * with this ref receives it, or the main content if that element is gone, unless the user has moved the focus.
 */
export function useFocusAfter<E extends HTMLElement = HTMLButtonElement>(isBusy: boolean) {
  const element = useRef<E>(null);
  const wasBusy = useRef(false);
  useEffect(() => {
    if (!isBusy && wasBusy.current && document.activeElement === document.body)
      (element.current ?? document.getElementById("main"))?.focus();
    wasBusy.current = isBusy;
  }, [isBusy]);
  return element;
}

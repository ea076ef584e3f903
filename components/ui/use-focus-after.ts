"use client";

import { useEffect, useRef } from "react";

/**
 * Restores the focus after a control was disabled or removed, which browsers drop. Once `isBusy` is over, the element
 * with this ref receives it, or the main content if that element is gone, unless the user has moved the focus.
 */
export function useFocusAfter<E extends HTMLElement = HTMLButtonElement>(isBusy: boolean) {
  const element = useRef<E>(null);
  const wasBusy = useRef(false);
  const movedTo = useRef<Element>(null);
  useEffect(() => {
    if (!isBusy && wasBusy.current && document.activeElement === document.body && !isBusyItself(movedTo.current))
      (element.current ?? document.getElementById("main"))?.focus();
    wasBusy.current = isBusy;
    movedTo.current = null;
    if (!isBusy) return;
    const note = ({ target }: FocusEvent) => {
      if (target instanceof Element && target !== element.current) movedTo.current = target;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [isBusy]);
  return element;
}

/** Whether the user went on to a control that is disabled in turn: its own component restores the focus. */
const isBusyItself = (control: Element | null) => control?.isConnected === true && control.matches(":disabled");

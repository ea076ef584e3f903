"use client";

import {
  cloneElement,
  type FocusEvent,
  type MouseEvent,
  type ReactElement,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import classes from "./tooltip.module.css";

/** Between the tooltip and its element, and at least to the edges of the window, in pixels. */
const GAP = 5;

interface Described {
  "aria-describedby"?: string;
  onMouseEnter?: (event: MouseEvent) => void;
  onFocus?: (event: FocusEvent) => void;
}

interface Props {
  label: string | null;
  disabled?: boolean;
  children: ReactElement<Described>;
}

/**
 * A text that appears above an element while the pointer is on it, or while it has the focus of the keyboard. Mantine's
 * tooltip would bring a library that positions menus to every page.
 */
export function Tooltip({ label, disabled = false, children }: Props) {
  const id = useId();
  const [element, setElement] = useState<Element | null>(null);
  const shown = !disabled && element !== null && label;

  useEffect(() => {
    if (!element) return;
    const hide = () => setElement(null);
    // An element that is disabled meanwhile reports no end of the pointing.
    const hideElsewhere = () => {
      if (!element.matches(":hover, :focus-visible")) hide();
    };
    const hideByKey = ({ key }: KeyboardEvent) => {
      if (key === "Escape") hide();
    };
    const listeners = [
      ["pointermove", hideElsewhere],
      ["mouseout", hideElsewhere],
      ["focusout", hide],
      ["keydown", hideByKey],
      ["scroll", hide],
    ] as const;
    for (const [type, listener] of listeners) document.addEventListener(type, listener as EventListener, true);
    return () => {
      for (const [type, listener] of listeners) document.removeEventListener(type, listener as EventListener, true);
    };
  }, [element]);

  return (
    <>
      {cloneElement(children, {
        "aria-describedby": shown ? id : children.props["aria-describedby"],
        onMouseEnter: (event) => {
          setElement(event.currentTarget);
          children.props.onMouseEnter?.(event);
        },
        onFocus: (event) => {
          if (event.currentTarget.matches(":focus-visible")) setElement(event.currentTarget);
          children.props.onFocus?.(event);
        },
      })}
      {shown && createPortal(<Bubble id={id} element={element} label={label} />, document.body)}
    </>
  );
}

function Bubble({ id, element, label }: { id: string; element: Element; label: string }) {
  const bubble = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text has another size
  useLayoutEffect(() => {
    if (!bubble.current) return;
    const { left, top, bottom, width } = element.getBoundingClientRect();
    const own = bubble.current.getBoundingClientRect();
    const { clientWidth } = document.documentElement;
    const x = Math.min(left + (width - own.width) / 2, clientWidth - own.width - GAP);
    const above = top - own.height - GAP;
    bubble.current.style.translate = `${Math.max(GAP, x)}px ${above < GAP ? bottom + GAP : above}px`;
  }, [element, label]);
  return (
    <div ref={bubble} id={id} role="tooltip" className={classes.tooltip}>
      {label}
    </div>
  );
}

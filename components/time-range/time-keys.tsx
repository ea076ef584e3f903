"use client";

import type { KeyboardEvent } from "react";
import classes from "./time-keys.module.css";

interface Props {
  label: string;
  /** The selected time and its numbers; null before a key selects one. */
  text: string | null;
  index: number;
  count: number;
  keys: { readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void; readonly onBlur: () => void };
}

/** Lies over a chart over time, so that its times can be selected by keyboard. */
export function TimeKeys({ label, text, index, count, keys }: Props) {
  return (
    <div
      className={classes.keys}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      aria-valuetext={text ?? undefined}
      {...keys}
    >
      {text !== null && (
        <span className={classes.text} aria-hidden>
          {text}
        </span>
      )}
    </div>
  );
}

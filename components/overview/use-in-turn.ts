"use client";

import { useEffect, useState } from "react";

const waiting = new Set<() => void>();
let isRunning = false;

/** Runs in a separate task after the current paint. */
function afterPaint(work: () => void): void {
  requestAnimationFrame(() => setTimeout(work));
}

function runNext(): void {
  const [next] = waiting;
  if (!next) {
    isRunning = false;
    return;
  }
  waiting.delete(next);
  next();
  afterPaint(runNext);
}

/**
 * Returns the value as of the component's last turn, for components that are slow to draw; null before the first. One
 * component draws at a time, in the order of the page, so that the page is usable before the last one is drawn.
 */
export function useInTurn<T>(value: T | null): T | null {
  const [due, setDue] = useState<T | null>(null);
  useEffect(() => {
    if (value === due) return;
    const take = () => setDue(() => value);
    waiting.add(take);
    if (!isRunning) {
      isRunning = true;
      afterPaint(runNext);
    }
    return () => void waiting.delete(take);
  }, [value, due]);
  return due;
}

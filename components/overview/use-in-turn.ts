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
 * The value as of the component's last turn, for slow drawing; null before the first. One component draws
 * at a time, in the order of the page: the first can be seen, and the page be used, before the last is drawn.
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

"use client";

import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** Frequent enough to follow, and infrequent enough for screen readers. */
const EVERY_MS = 30_000;

/** Announces `text` to screen readers at intervals, although it changes every second. */
export function LiveSummary({ text }: { text: string }) {
  const latest = useRef(text);
  latest.current = text;
  const [spoken, setSpoken] = useState("");

  useEffect(() => {
    const timer = setInterval(() => setSpoken(latest.current), EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  return <VisuallyHidden aria-live="polite">{spoken}</VisuallyHidden>;
}

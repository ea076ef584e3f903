"use client";

import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** Often enough to follow, rare enough not to block a screen reader. */
const EVERY_MS = 30_000;

/** Announces `text` to screen readers at intervals, though it changes each second. */
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

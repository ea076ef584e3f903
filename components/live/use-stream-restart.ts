"use client";

import { useEffect } from "react";

const RESTART_MS = 3_000;

interface Stream {
  status: "idle" | "connecting" | "pending" | "error";
  reset: () => void;
}

/** Starts a stream anew a while after it failed: browsers come back after a cut, but give up on an answer that is an error. */
export function useStreamRestart({ status, reset }: Stream): void {
  useEffect(() => {
    if (status !== "error") return;
    const timer = setTimeout(reset, RESTART_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
}

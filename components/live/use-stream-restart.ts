"use client";

import { useEffect } from "react";

const RESTART_MS = 3_000;

interface Stream {
  status: "idle" | "connecting" | "pending" | "error";
  reset: () => void;
}

/** Restarts a failed stream after a delay: browsers reconnect after a lost connection, but not after an error response. */
export function useStreamRestart({ status, reset }: Stream): void {
  useEffect(() => {
    if (status !== "error") return;
    const timer = setTimeout(reset, RESTART_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
}

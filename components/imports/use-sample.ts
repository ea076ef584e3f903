"use client";

import { useEffect, useState } from "react";
import { readSample, type Sample } from "./sample";

export type SampleState =
  | { phase: "reading" }
  | { phase: "read"; sample: Sample }
  | { phase: "failed"; message: string };

/** Reads the beginning of `file`. */
export function useSample(file: File): SampleState {
  const [state, setState] = useState<SampleState>({ phase: "reading" });
  useEffect(() => {
    let current = true;
    readSample(file).then(
      (sample) => current && setState({ phase: "read", sample }),
      (error: unknown) =>
        current && setState({ phase: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      current = false;
    };
  }, [file]);
  return state;
}

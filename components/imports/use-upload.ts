"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTRPC } from "@/components/trpc";
import { type UploadOutcome, type UploadRequest, upload } from "./upload";

export type UploadState =
  | { phase: "idle" }
  | { phase: "sending"; sent: number; bytesPerSecond: number }
  | { phase: "ended"; outcome: UploadOutcome };

/** Manages one upload with its progress; leaving the page requires confirmation. */
export function useUpload() {
  const [state, setState] = useState<UploadState>({ phase: "idle" });
  const abort = useRef<AbortController | null>(null);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const sending = state.phase === "sending";

  useEffect(() => {
    if (!sending) return;
    const prevent = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", prevent);
    return () => window.removeEventListener("beforeunload", prevent);
  }, [sending]);

  useEffect(() => () => abort.current?.abort(), []);

  const start = useCallback(
    async (request: Omit<UploadRequest, "signal" | "onProgress">) => {
      abort.current = new AbortController();
      const startedAt = performance.now();
      setState({ phase: "sending", sent: 0, bytesPerSecond: 0 });
      const outcome = await upload({
        ...request,
        signal: abort.current.signal,
        onProgress: (sent) => {
          const seconds = (performance.now() - startedAt) / 1000;
          setState({ phase: "sending", sent, bytesPerSecond: seconds > 0 ? sent / seconds : 0 });
        },
      });
      setState({ phase: "ended", outcome });
      void queryClient.invalidateQueries(trpc.imports.pathFilter());
    },
    [queryClient, trpc],
  );

  const cancel = useCallback(() => abort.current?.abort(), []);
  const reset = useCallback(() => setState({ phase: "idle" }), []);
  return { state, start, cancel, reset };
}

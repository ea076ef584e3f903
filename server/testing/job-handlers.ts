import type { JobHandlers } from "@/server/services/jobs";

/** Creates a job handler that runs until it is released or aborted. */
export function makeGate() {
  const gate = new AbortController();
  const started: string[] = [];
  const work: JobHandlers["export"] = async (_, run) => {
    started.push(run.id);
    await aborted(AbortSignal.any([gate.signal, run.signal]));
    run.signal.throwIfAborted();
    return { rows: 1 };
  };
  return { started, work, open: () => gate.abort() };
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

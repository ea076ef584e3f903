import type { Logger } from "pino";
import { answerProbe, type Readiness } from "@/server/process/answer-probe";
import type { Config } from "@/server/process/config";
import { openProbePort, type ProbeAnswers } from "@/server/process/probe-port";
import { workerMetricsText } from "@/server/services/prometheus";
import type { WorkerState } from "@/server/services/queues";

export interface WorkerPort {
  /** Ends the start. @param state returns the state of this worker */
  started(state: () => WorkerState): void;
  close(): Promise<void>;
}

/**
 * Answers `/live`, `/ready` and `/metrics` of a worker without authentication, unless WORKER_PORT is unset. A worker is
 * live unless it hangs, also while PostgreSQL is unavailable, since a restart would not help. It is ready while other
 * processes consider it active.
 * @throws StartError if the port is in use or not permitted, or the host is not an address of this machine
 */
export async function openWorkerPort(
  { port, host }: Config["worker"],
  { signal, log }: { signal: AbortSignal; log: Logger },
): Promise<WorkerPort> {
  let state: (() => WorkerState) | undefined;
  const readiness = (): Readiness => {
    if (signal.aborted) return "stopping";
    if (!state) return "starting";
    return state().isActive ? "ready" : "not_ready";
  };
  const answers: ProbeAnswers = {
    "/live": (response) => answerProbe(response, state?.().isHung ? "not_live" : "live"),
    "/ready": (response) => answerProbe(response, readiness()),
    "/metrics": async (response) => {
      const { text, contentType } = await workerMetricsText(state?.());
      response.writeHead(200, { "content-type": contentType }).end(text);
    },
  };
  const names = { port: "WORKER_PORT", host: "WORKER_HOST" };
  const { close } = await openProbePort({ port, host, names }, answers, log);
  return {
    started: (next) => {
      state = next;
    },
    close,
  };
}

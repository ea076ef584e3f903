import type { IncomingMessage, ServerResponse } from "node:http";
import { within } from "@/server/lib/within";
import { answerProbe, type Readiness } from "@/server/process/answer-probe";
import { aborted } from "@/server/process/stop-signal";

/** A load balancer that checked readiness this recently is still in use. */
const POLLED_MS = 30_000;
/** Negative answers after which common load balancers send no more requests. */
const ANSWERS = 3;
/** How long to wait for these answers. */
const ANNOUNCE_MS = 5_000;

export interface Probes {
  /** Answers `/api/health/live` and `/api/health/ready`. Returns false for other requests. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** Ends the start. @param isReady returns whether requests can be served; must not throw */
  started(isReady: () => Promise<boolean>): void;
  /** Reports from now on that this process stops. Resolves when load balancers that check readiness have seen it. */
  stop(): Promise<void>;
}

/**
 * Creates the handler of the probes. Liveness means that the event loop runs. It does not depend on PostgreSQL, since a
 * restart of this process would not help.
 */
export function makeProbes(): Probes {
  let check: (() => Promise<boolean>) | undefined;
  let isStopping = false;
  let polledAt = Number.NEGATIVE_INFINITY;
  let negativeAnswers = 0;
  const announced = new AbortController();

  const readiness = async (): Promise<Readiness> => {
    if (isStopping) return "stopping";
    if (!check) return "starting";
    return (await check()) ? "ready" : "not_ready";
  };
  const answerReady = async (response: ServerResponse) => {
    polledAt = performance.now();
    const status = await readiness();
    answerProbe(response, status);
    if (status === "stopping" && ++negativeAnswers === ANSWERS) announced.abort();
  };
  return {
    answer: ({ url, method }, response) => {
      const path = url?.split("?", 1)[0];
      if ((method !== "GET" && method !== "HEAD") || !path?.startsWith("/api/health/")) return false;
      if (path === "/api/health/live") answerProbe(response, "live");
      else if (path === "/api/health/ready") void answerReady(response);
      else return false;
      return true;
    },
    started: (isReady) => {
      check = isReady;
    },
    stop: async () => {
      isStopping = true;
      if (performance.now() - polledAt < POLLED_MS) await within(aborted(announced.signal), ANNOUNCE_MS);
    },
  };
}

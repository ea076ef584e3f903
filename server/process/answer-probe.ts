import type { ServerResponse } from "node:http";

/** Whether a process accepts work. */
export type Readiness = "starting" | "ready" | "not_ready" | "stopping";

/** Answers a probe of liveness or readiness with its status. */
export function answerProbe(response: ServerResponse, status: Readiness | "live" | "not_live"): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  if (status === "live" || status === "ready") response.writeHead(200, headers);
  else response.writeHead(503, { ...headers, "retry-after": "2" });
  response.end(JSON.stringify({ status }));
}

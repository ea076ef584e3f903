import { ERROR_KINDS } from "@/server/catalog/errors";
import type { AppError } from "@/server/lib/errors";

/** The codes of Splunk's HTTP Event Collector that occur here. */
export const HEC = {
  success: { code: 0, status: 200, text: "Success" },
  noToken: { code: 2, status: 401, text: "Token is required" },
  invalidAuthorization: { code: 3, status: 401, text: "Invalid authorization" },
  invalidToken: { code: 4, status: 403, text: "Invalid token" },
  noData: { code: 5, status: 400, text: "No data" },
  invalidFormat: { code: 6, status: 400, text: "Invalid data format" },
  internal: { code: 8, status: 500, text: "Internal server error" },
  busy: { code: 9, status: 503, text: "Server is busy" },
  noEvent: { code: 12, status: 400, text: "Event field is required" },
  blankEvent: { code: 13, status: 400, text: "Event field cannot be blank" },
  noAck: { code: 14, status: 400, text: "ACK is disabled" },
  fields: { code: 15, status: 400, text: "Error in handling indexed fields" },
  healthy: { code: 17, status: 200, text: "HEC is healthy" },
  unhealthy: { code: 18, status: 503, text: "HEC is unhealthy, queues are full" },
} as const;

export interface HecOutcome {
  readonly code: number;
  readonly status: number;
  readonly text: string;
}

/** @param invalidEvent the position from 0 of the event that is not accepted */
export function hecAnswer({ code, status, text }: HecOutcome, invalidEvent?: number): Response {
  const body = { text, code, ...(invalidEvent !== undefined && { "invalid-event-number": invalidEvent }) };
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

/** Creates the response of an error as the HTTP Event Collector does. Clients send requests with 5xx again. */
export function hecProblem(error: AppError, request: Request): Response {
  const outcome = outcomeOf(error, request);
  const isOther = outcome === HEC.invalidFormat && error.kind !== "UNPROCESSABLE";
  const response = hecAnswer(isOther ? { ...outcome, status: ERROR_KINDS[error.kind].http } : outcome);
  if (error.retryAfter !== undefined) response.headers.set("Retry-After", String(error.retryAfter));
  for (const [name, value] of Object.entries(error.headers)) response.headers.set(name, value);
  return response;
}

function outcomeOf({ kind }: AppError, request: Request): HecOutcome {
  switch (kind) {
    case "UNAUTHORIZED": {
      const authorization = request.headers.get("authorization");
      if (authorization === null) return HEC.noToken;
      return /^(?:Splunk|Bearer|Basic|ApiKey) +\S/i.test(authorization) ? HEC.invalidToken : HEC.invalidAuthorization;
    }
    case "FORBIDDEN":
      return HEC.invalidToken;
    case "TOO_MANY_REQUESTS":
    case "UNAVAILABLE":
      return HEC.busy;
    case "INTERNAL":
      return HEC.internal;
    default:
      return HEC.invalidFormat;
  }
}

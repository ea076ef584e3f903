import { randomUUID } from "node:crypto";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { AppError, causeCode, toAppError } from "@/server/lib/errors";
import { type Context, getContext } from "@/server/process/context";
import { recordDuration } from "@/server/process/counts";
import type { Endpoint } from "./endpoint";
import { problemResponse } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type Endpoints = Readonly<Partial<Record<Method, Endpoint>>>;

/** Handles every method of a path, and describes its endpoints for the OpenAPI document. */
export interface Handler {
  (request: Request, routed?: { params: Promise<unknown> }): Promise<Response>;
  readonly endpoints: Endpoints;
  /** The path with its parameters in braces. */
  readonly template: string;
}

/**
 * Creates the exports of a route file: one handler for every method. HEAD is answered like GET, OPTIONS with Allow, and
 * a method without an endpoint with 405. Errors become problem+json and one log line. Every response has an
 * X-Request-Id, taken from the request if it is valid.
 * @param template the path with its parameters in braces, under which request durations are recorded
 * @param respond creates the response of an error, for protocols that have their own
 */
export function route(template: string, endpoints: Endpoints, respond = problemResponse) {
  const allow = [...Object.keys(endpoints), ...(endpoints.GET ? ["HEAD"] : []), "OPTIONS"].join(", ");

  const byMethod = new Map<string, Endpoint>(Object.entries(endpoints));

  const answer = async (ctx: Context, request: Request, params: unknown): Promise<Response> => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allow } });
    const found = byMethod.get(request.method === "HEAD" ? "GET" : request.method);
    if (!found) throw new AppError("request.method_not_allowed", { allowed: allow }, { headers: { Allow: allow } });
    const result = await found({ ctx, request, params });
    return result instanceof Response ? result : Response.json(result, { headers: { "Cache-Control": "no-store" } });
  };

  const handle = async (request: Request, routed?: { params: Promise<unknown> }): Promise<Response> => {
    const ctx = getContext();
    const requestId = requestIdOf(request);
    const started = performance.now();
    let response: Response;
    try {
      response = await answer(ctx, request, (await routed?.params) ?? {});
    } catch (thrown) {
      const error = toAppError(request.signal.aborted ? requestAborted(thrown) : thrown);
      logProblem(ctx, request, template, requestId, error);
      response = respond(error, request);
    }
    recordRequest(response.status, (performance.now() - started) / 1_000, request);
    response.headers.set("X-Request-Id", requestId);
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
  /** Requests that are not authenticated, and parts of the URL, never become metric labels. */
  const recordRequest = (status: number, seconds: number, { method, signal }: Request) => {
    if (signal.aborted || status === 401 || status === 404 || !byMethod.has(method === "HEAD" ? "GET" : method)) return;
    recordDuration("rest", `${method} ${template}`, seconds);
  };

  const handler: Handler = Object.assign(handle, { endpoints, template });
  return {
    GET: handler,
    HEAD: handler,
    POST: handler,
    PUT: handler,
    PATCH: handler,
    DELETE: handler,
    OPTIONS: handler,
  };
}

function requestIdOf(request: Request): string {
  const requestId = request.headers.get("x-request-id");
  return requestId !== null && /^[\w.-]{1,64}$/.test(requestId) ? requestId : randomUUID();
}

/** Returns the error of a request whose caller has disconnected. It is not a server error, whatever the cause. */
function requestAborted(cause: unknown): AppError {
  return new AppError("request.aborted", {}, { cause });
}

/** Logs client errors at level info, and server errors with their cause. */
function logProblem(ctx: Context, request: Request, template: string, requestId: string, error: AppError): void {
  const facts = {
    requestId,
    method: request.method,
    // A token is a secret.
    path: template.includes("{token}") ? template : new URL(request.url).pathname,
    status: ERROR_KINDS[error.kind].http,
  };
  if (error.kind === "INTERNAL") ctx.log.error({ ...facts, err: error.cause }, "request failed");
  else if (error.kind === "UNAVAILABLE") ctx.log.warn({ ...facts, code: causeCode(error.cause) }, "request failed");
  else ctx.log.info(facts, `request refused: ${error.message}`);
}

function withoutBody(response: Response): Response {
  response.body?.cancel().catch(() => {});
  return new Response(null, { status: response.status, headers: response.headers });
}

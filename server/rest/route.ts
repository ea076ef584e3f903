import { randomUUID } from "node:crypto";
import { ERROR_KINDS } from "@/server/catalog/errors";
import { AppError, causeCode, toAppError } from "@/server/lib/errors";
import { type Context, getContext } from "@/server/process/context";
import { noteTime } from "@/server/process/counts";
import type { Endpoint } from "./endpoint";
import { problemResponse } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type Endpoints = Readonly<Partial<Record<Method, Endpoint>>>;

/** Handles every method of a path, and describes its endpoints for OpenAPI. */
export interface Handler {
  (request: Request, routed?: { params: Promise<unknown> }): Promise<Response>;
  readonly endpoints: Endpoints;
  /** The path with its parameters in braces, as the file's place has it. */
  readonly template: string;
}

/**
 * The exports of a route file: one handler for every method. It answers HEAD by GET, OPTIONS with Allow,
 * and a method that has no endpoint with 405; whatever is thrown becomes problem+json and one line in
 * the log. Every answer carries X-Request-Id, the caller's own where it is a plain one.
 * @param template the path, parameters in braces: what its times are noted under, whatever the URL says
 */
export function route(template: string, endpoints: Endpoints) {
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
      const error = toAppError(request.signal.aborted ? goneAway(thrown) : thrown);
      logProblem(ctx, request, requestId, error);
      response = problemResponse(error, request);
    }
    noteRequest(response.status, (performance.now() - started) / 1_000, request);
    response.headers.set("X-Request-Id", requestId);
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
  /** Nothing of what a stranger asks, and nothing that a URL says, becomes a label of a metric. */
  const noteRequest = (status: number, seconds: number, { method, signal }: Request) => {
    if (signal.aborted || status === 401 || status === 404 || !byMethod.has(method === "HEAD" ? "GET" : method)) return;
    noteTime("rest", `${method} ${template}`, seconds);
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
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

/** A caller that hung up is no fault of ours, whatever broke for it; nobody reads the answer. */
function goneAway(cause: unknown): AppError {
  return new AppError("request.aborted", {}, { cause });
}

/** What the caller did wrong is information; what we did wrong comes with its cause. */
function logProblem(ctx: Context, request: Request, requestId: string, error: AppError): void {
  const facts = {
    requestId,
    method: request.method,
    path: new URL(request.url).pathname,
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

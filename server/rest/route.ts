import { randomUUID } from "node:crypto";
import { type Context, getContext } from "@/server/context";
import { AppError, causeCode, ERROR_CODES, toAppError } from "@/server/errors";
import { noteTime } from "@/server/tally";
import type { Endpoint } from "./endpoint";
import { problemResponse } from "./problem";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export type Endpoints = Readonly<Partial<Record<Method, Endpoint>>>;

/** Answers any method of one path, and tells what the path has. */
export interface Handler {
  (request: Request, routed?: { params: Promise<unknown> }): Promise<Response>;
  readonly endpoints: Endpoints;
}

/**
 * The exports of a route file: one handler for every method. It answers HEAD by GET, OPTIONS with Allow,
 * and a method that has no endpoint with 405; whatever is thrown becomes problem+json and one line in
 * the log. Every answer carries X-Request-Id, the caller's own where it is a plain one.
 */
export function route(endpoints: Endpoints) {
  const allow = [...Object.keys(endpoints), ...(endpoints.GET ? ["HEAD"] : []), "OPTIONS"].join(", ");

  const byMethod = new Map<string, Endpoint>(Object.entries(endpoints));

  const answer = async (ctx: Context, request: Request, params: unknown): Promise<Response> => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { Allow: allow } });
    const found = byMethod.get(request.method === "HEAD" ? "GET" : request.method);
    if (!found) throw new AppError("METHOD_NOT_ALLOWED", `Allowed here: ${allow}.`);
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
      response = problemResponse(error);
      if (error.code === "METHOD_NOT_ALLOWED") response.headers.set("Allow", allow);
    }
    noteRequest(request, response.status, (performance.now() - started) / 1_000);
    response.headers.set("X-Request-Id", requestId);
    return request.method === "HEAD" ? withoutBody(response) : response;
  };
  const handler: Handler = Object.assign(handle, { endpoints });
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

/** Paths that are not there have no times: anybody can make up any number of them. */
function noteRequest({ method, url }: Request, status: number, seconds: number): void {
  if (status === 404 || status === 405 || status === 401) return;
  const path = new URL(url).pathname.replace(/^\/api\/v1\/batch-processing/, "");
  noteTime("rest", `${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}")}`, seconds);
}

function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

/** A caller that hung up is no fault of ours, whatever broke for it; nobody reads the answer. */
function goneAway(cause: unknown): AppError {
  return new AppError("BAD_REQUEST", "The caller went away before the end.", { cause });
}

/** What the caller did wrong is information; what we did wrong comes with its cause. */
function logProblem(ctx: Context, request: Request, requestId: string, error: AppError): void {
  const facts = {
    requestId,
    method: request.method,
    path: new URL(request.url).pathname,
    status: ERROR_CODES[error.code].http,
  };
  if (error.code === "INTERNAL") ctx.log.error({ ...facts, err: error.cause }, "request failed");
  else if (error.code === "UNAVAILABLE") ctx.log.warn({ ...facts, code: causeCode(error.cause) }, "request failed");
  else ctx.log.info(facts, `request refused: ${error.message}`);
}

function withoutBody(response: Response): Response {
  response.body?.cancel().catch(() => {});
  return new Response(null, { status: response.status, headers: response.headers });
}
